package report

import (
	"fmt"
	"io"

	"github.com/scalelaw/scalelaw/figure"
	"github.com/scalelaw/scalelaw/fit"
)

// PDF writes the report as pages of A4.
func (r Report) PDF(w io.Writer) error {
	d := figure.NewDocument(r.Name, r.Made)
	d.Heading(1, r.Name)
	state := string(r.Sweep.State)
	if r.Sweep.Reason != "" {
		state += " (" + r.Sweep.Reason + ")"
	}
	d.Text(fmt.Sprintf("A report made on %s UTC by scalelaw %s. The study is %s.", r.Made.UTC().Format("2006-01-02 15:04"), r.Version, state))
	d.Heading(2, "What came of it")
	cells := fmt.Sprintf("%d cells", r.Sweep.Total)
	for _, c := range r.Counts {
		cells += fmt.Sprintf(", %d %s", c.N, c.State)
	}
	d.Text(fmt.Sprintf("%s. %.4g of %.4g forward GMACs, %.4g seconds of devices.", cells, r.Sweep.GMACsDone, r.Sweep.GMACsTotal, r.Sweep.DeviceSeconds))
	for _, says := range r.Advice {
		d.Text(says)
	}
	for _, p := range r.Parts {
		d.Heading(2, p.Metric)
		if p.Empty != "" {
			d.Text(p.Empty)
		} else {
			d.Figure(p.Figure)
		}
		for _, f := range p.Records {
			lawOnPaper(d, f)
		}
	}
	for i, f := range r.Figures {
		if i == 0 {
			d.Heading(2, "The grid")
		}
		d.Figure(f)
	}
	r.end(d)
	return d.Write(w)
}

func lawOnPaper(d *figure.Document, f fit.Record) {
	title, r := "", f.Result
	if f.Options.Group != nil {
		title = "On " + *f.Options.Group + ": "
	}
	if r.Status != "ok" {
		d.Heading(3, title+"no law")
		d.Warning(r.Reason.Text + " [" + r.Reason.Code + "]")
	} else {
		d.Heading(3, title+r.Formula)
		var rows [][]string
		for _, c := range r.Coefficients {
			rows = append(rows, []string{figure.Greek(c.Name), fmt.Sprintf("%.4g", c.Value), fmt.Sprintf("[%.4g, %.4g]", c.Interval[0], c.Interval[1])})
		}
		d.Table([]string{"Coefficient", "Value", fmt.Sprintf("%g %% interval", 100*r.Level)}, rows)
		d.Text(fmt.Sprintf("Law %s, rule %s, %d of %d points, R² %.3f. Intervals: %s. Compute in %s.", f.Options.Law, f.Options.Rule, r.NUsed, r.NPoints, r.R2, r.IntervalMethod, r.Convention))
	}
	for _, n := range r.Warnings {
		d.Warning(n.Text + " [" + n.Code + "]")
	}
	used, left := runLines(f)
	d.Text(fmt.Sprintf("%d runs used", len(used)))
	d.Table([]string{"Run", "Compute", "Error"}, used)
	if len(left) > 0 {
		d.Text(fmt.Sprintf("%d runs left out", len(left)))
		d.Table([]string{"Run", "Reason"}, left)
	}
	d.Text("Record " + f.ID + ", inputs " + r.InputsSHA256 + ".")
}

func (r Report) end(d *figure.Document) {
	d.Heading(2, "What it was made with")
	var rows [][]string
	for _, o := range r.Origins {
		rows = append(rows, []string{o.What, o.Value})
	}
	d.Table([]string{"What", ""}, rows)
	d.Heading(2, "Make it again")
	d.Text("Save the sweep file below as " + r.Name + ".json. With the same version the runs have the same ids, and the fits the same coefficients.")
	d.Text(r.Submit)
	for _, p := range r.Parts {
		d.Text(p.Command)
	}
	d.Text("scalelaw report " + r.Name + " --out " + r.Name + ".pdf")
	d.Heading(3, "The sweep file")
	d.Text(r.Spec)
}
