package web

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// link is an entry of a navigation.
type link struct {
	Name, Address string
	Here          bool
}

// tab is a page of a navigation: by the name that views give theirs, and with its route.
type tab struct{ name, title, pattern string }

// pages are those that belong to no study.
var pages = []tab{
	{"studies", "Studies", "/{$}"}, {"new", "New sweep", "/new"}, {"runs", "Runs", "/runs"}, {"coefficients", "Coefficients", "/coefficients"},
	{"data", "Data", "/data"}, {"predictions", "Predictions", "/predictions"},
}

// studyPages are those of a study.
var studyPages = []tab{
	{"grid", "Grid", "/sweeps/{sweep}"}, {"law", "Law", "/sweeps/{sweep}/law"}, {"bottlenecks", "Bottlenecks", "/sweeps/{sweep}/bottlenecks"},
	{"sweep-runs", "Runs", "/sweeps/{sweep}/runs"}, {"predict", "Predict", "/sweeps/{sweep}/predict"}, {"report", "Report", "/sweeps/{sweep}/report"},
}

// links are the tabs of which there is a page, with the one marked that is shown.
func links(tabs []tab, sweep, here string) []link {
	all := []link{}
	for _, t := range tabs {
		if slices.ContainsFunc(routes(), func(r route) bool { return r.Pattern == "GET "+t.pattern }) {
			address := strings.NewReplacer("{$}", "", "{sweep}", url.PathEscape(sweep)).Replace(t.pattern)
			all = append(all, link{t.title, address, t.name == here})
		}
	}
	return all
}

// sweepAddress is the front page of a study.
func sweepAddress(name string) string { return "/sweeps/" + url.PathEscape(name) }

// runAddress is the page of a run.
func runAddress(id string) string { return "/runs/" + url.PathEscape(id) }

// notice is a line above a page.
type notice struct {
	Kind       string // lost, warning or empty
	Text, Then string // before and after the time
	At         time.Time
}
