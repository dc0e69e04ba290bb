// Package config reads Dragoman's settings into one typed, checked Config.
//
// A setting is looked for in four places, each overriding the one before:
// the defaults (Default), one YAML file, the environment and the command
// line. Its key is its path in the file, as "budget.run_usd"; its variable is
// the same in capitals, DRAGOMAN_BUDGET_RUN_USD. In a variable a list is
// separated by commas, an item with a comma of its own is quoted ("a,b",c), a
// map is a list of name=value, and an empty variable counts as not set. The
// prefix is reserved: a DRAGOMAN_ variable that names no key is a mistake.
//
// Paths in the file are relative to the working directory, not to the file.
//
// All mistakes are reported at once, in an *Error, each with its place. What
// is written wrongly in the file or the environment is a mistake even where
// something stronger overrides it, since it would surprise later.
//
// It is the only package that uses viper, and it imports nothing of
// dragoman/translator: the values that other packages define (formats, rules)
// are handed in as Options.Known.
package config
