package figure

// legend is a block for each of the three that distinguishes runs.
func (c *encoder) legend() []Block {
	colours, shapes := c.models, c.data
	colourTitle, shapeTitle := c.ModelTitle, c.DataTitle
	colourOf, shapeOf := "model", "data"
	if c.ByData {
		colours, shapes, colourTitle, shapeTitle = shapes, colours, shapeTitle, colourTitle
		colourOf, shapeOf = shapeOf, colourOf
	}
	var blocks []Block
	if len(colours) > 0 {
		b := Block{Title: colourTitle}
		for i, name := range colours {
			ink, hollow := inkAt(i)
			b.Keys = append(b.Keys, Key{Kind: Points, Ink: ink, Hollow: hollow, Size: 5.5, Text: Amount(name), Data: []Datum{{colourOf, name}}})
		}
		blocks = append(blocks, b)
	}
	if len(shapes) > 0 {
		b := Block{Title: shapeTitle}
		for i, name := range shapes {
			b.Keys = append(b.Keys, Key{Kind: Points, Ink: Muted, Shape: Shape(i), Size: 5.5, Text: Amount(name), Data: []Datum{{shapeOf, name}}})
		}
		blocks = append(blocks, b)
	}
	if len(c.sizes) > 1 {
		blocks = append(blocks, c.sizeLegend())
	}
	return blocks
}

// mostSizes is how many sizes a legend shows; those between can be guessed.
const mostSizes = 6

func (c *encoder) sizeLegend() Block {
	b := Block{Title: c.SamplesTitle}
	shown := min(len(c.sizes), mostSizes)
	for k := range shown {
		s := c.sizes[k*(len(c.sizes)-1)/(shown-1)]
		b.Keys = append(b.Keys, Key{Kind: Points, Ink: Muted, Size: c.radius(s.low), Text: s.String()})
	}
	return b
}
