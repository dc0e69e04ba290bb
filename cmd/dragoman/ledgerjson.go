package main

import (
	"time"

	"dragoman/translator"
	"dragoman/translator/ledger"
)

// A ledgerJSON is the output of ledger --json.
type ledgerJSON struct {
	By       ledger.By       `json:"by"`
	Run      string          `json:"run"`   // empty is all
	Since    string          `json:"since"` // the first day; empty is from the beginning
	Rows     []ledgerRowJSON `json:"rows"`
	Backends []ledgerRowJSON `json:"backends"`
	Total    ledgerRowJSON   `json:"total"`
}

type ledgerRowJSON struct {
	Name      string               `json:"name"`
	Signature translator.Signature `json:"signature,omitempty"`
	Requests  int                  `json:"requests"`
	Unbilled  int                  `json:"unbilled"` // of the requests: certainly not carried out
	Texts     int                  `json:"texts"`
	Counted   int64                `json:"counted"`
	Billed    int64                `json:"billed"`
	Said      int64                `json:"said"`    // of the billed: the service's own word
	SaidOf    int64                `json:"said_of"` // of the counted: what that word is about
	// Difference is by how many percent Said is above SaidOf; null if nothing was said.
	Difference *float64       `json:"difference_percent"`
	Cost       translator.USD `json:"cost_usd"`
	Open       int            `json:"open"` // of the requests: perhaps paid for, and lost
	OpenSize   int64          `json:"open_units"`
	OpenCost   translator.USD `json:"open_cost_usd"`
}

func (v ledgerView) json(s ledger.Summary) ledgerJSON {
	out := ledgerJSON{By: v.by, Run: v.window.Run, Rows: rowsJSON(s.Rows...), Backends: rowsJSON(s.Backends...), Total: rowsJSON(s.Total)[0]}
	if !v.window.Since.IsZero() {
		out.Since = v.window.Since.Format(time.DateOnly)
	}
	return out
}

func rowsJSON(rows ...ledger.Row) []ledgerRowJSON {
	made := make([]ledgerRowJSON, len(rows))
	for i, r := range rows {
		made[i] = ledgerRowJSON{
			Name: r.Name, Signature: r.Signature, Requests: r.Requests, Unbilled: r.Unbilled, Texts: r.Texts,
			Counted: r.Counted, Billed: r.Billed, Said: r.Said, SaidOf: r.SaidOf,
			Cost: r.Cost, Open: r.Open, OpenSize: r.OpenSize, OpenCost: r.OpenCost,
		}
		if percent, ok := r.Difference(); ok {
			made[i].Difference = &percent
		}
	}
	return made
}
