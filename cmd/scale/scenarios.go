package main

import "time"

// A Scenario is a load, and what works it.
type Scenario struct {
	Name    string
	Load    Load
	Service Service
	House   House
	Runs    [][2]int // processes and jobs at once in each, to simulate
}

const terabyte, gigabyte = 1e12, 1e9

// scenarios are those of translator/docs/scale.md.
var scenarios = []Scenario{
	{
		Name:    "night",
		Load:    Load{Stories: 1000, Sentences: 25, Chars: 139, Remembered: 0.2, Window: 8 * time.Hour, Hours: 8 * time.Hour, Burst: 5, Shard: 1, Repeats: 365},
		Service: services[0],
		House:   House{Processes: 1, Jobs: 8, CPUs: 2, Database: databases[1], RAM: 16 * gigabyte, Disk: terabyte, Share: true},
		Runs:    [][2]int{{1, 8}, {1, 32}, {1, 128}},
	},
	{
		Name:    "day",
		Load:    Load{Stories: 100_000, Sentences: 25, Chars: 139, Remembered: 0.2, Window: 24 * time.Hour, Hours: 24 * time.Hour, Burst: 20, Shard: 1, Repeats: 365},
		Service: services[0],
		House:   House{Processes: 2, Jobs: 128, CPUs: 2, Database: databases[0], RAM: 16 * gigabyte, Disk: terabyte, Share: true},
		Runs:    [][2]int{{1, 8}, {1, 32}, {1, 128}, {2, 128}, {4, 128}},
	},
	{
		Name:    "billion",
		Load:    Load{Stories: 40_000_000, Sentences: 25, Chars: 139, Remembered: 0.2, Hours: 30 * 24 * time.Hour, Shard: 40, Repeats: 1},
		Service: services[0],
		House:   House{Processes: 4, Jobs: 8, CPUs: 2, Database: databases[0], RAM: 16 * gigabyte, Disk: terabyte, Share: true},
		Runs:    [][2]int{{1, 4}, {1, 8}, {2, 8}, {4, 8}},
	},
}
