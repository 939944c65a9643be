package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/trainer/clip"
)

// embedFlags are what embed is to embed.
type embedFlags struct {
	images  []string
	texts   string
	model   string
	threads int
	device  string
	output  string
}

func (a *app) embedCommand() *cobra.Command {
	f := &embedFlags{}
	c := &cobra.Command{
		Use: "embed CHECKPOINT", Short: "Unit vectors of images and texts", Args: exactly("a folder or file with a model"),
		Long: "Embeds images (jpeg, png, webp; resized and normalised as open_clip does) and texts (a line each) with one of open_clip's models.\n" +
			"-o json: {\"images\": [[...]], \"texts\": [[...]], \"logit_scale\": ...}, in the order given, a glob sorted by name.\n" +
			"-o npy: numpy's format; of both, the images' array and behind it the texts', as numpy.load reads them one after the other.",
		Example: "  scalelaw embed model --images 'photos/*.jpg' --texts captions.txt -o json",
		RunE:    func(c *cobra.Command, args []string) error { return a.embed(c.Context(), args[0], f) },
	}
	o := c.Flags()
	o.StringArrayVar(&f.images, "images", nil, "image file or glob; may be given more than once")
	o.StringVar(&f.texts, "texts", "", "file with a text a line (-: stdin)")
	o.StringVar(&f.model, "model", "", "what a file with weights holds: model of the catalogue, or path of an open_clip model JSON file")
	o.StringVarP(&f.output, "output", "o", "json", "json or npy")
	deviceFlag(o, &f.device)
	o.IntVar(&f.threads, "threads", 0, "threads (0: all cores)")
	return c
}

// vectors are what embed prints.
type vectors struct {
	Images     [][]float32 `json:"images"`
	Texts      [][]float32 `json:"texts"`
	LogitScale float64     `json:"logit_scale"`
}

func (a *app) embed(ctx context.Context, path string, f *embedFlags) error {
	if f.output != "json" && f.output != "npy" {
		return usage("--output is %q; embed gives json or npy", f.output)
	}
	if len(f.images) == 0 && f.texts == "" {
		return usage("--images or --texts is needed")
	}
	if err := checkThreads(f.threads); err != nil {
		return err
	}
	files, err := imageFiles(f.images)
	if err != nil {
		return err
	}
	texts, err := a.textLines(f.texts)
	if err != nil {
		return err
	}
	saved, err := a.openModel(path, f.model)
	if err != nil {
		return err
	}
	engine, err := a.engineAt(f.device)
	if err != nil {
		return err
	}
	e, err := engine.Embedder(saved, f.threads)
	if err != nil {
		return err
	}
	defer e.Close()
	v, err := embedAll(ctx, e, files, texts)
	if err != nil {
		return fmt.Errorf("embed with %s: %w", path, err)
	}
	if f.output == "json" {
		return json.NewEncoder(a.stdout).Encode(v)
	}
	return a.writeVectors(v, len(f.images) > 0, f.texts != "")
}

func embedAll(ctx context.Context, e *clip.Embedder, files, texts []string) (v vectors, err error) {
	if v.Images, err = e.Images(ctx, files); err != nil {
		return v, err
	}
	if v.Texts, err = e.Texts(ctx, texts); err != nil {
		return v, err
	}
	v.LogitScale, err = e.LogitScale()
	return v, err
}

func (a *app) writeVectors(v vectors, images, texts bool) error {
	var failed error
	if images {
		failed = writeNPY(a.stdout, v.Images)
	}
	if texts {
		failed = errors.Join(failed, writeNPY(a.stdout, v.Texts))
	}
	return failed
}

// imageFiles resolves globs, each sorted by name. A name of a file is never taken for a glob.
func imageFiles(patterns []string) ([]string, error) {
	var all []string
	for _, p := range patterns {
		if _, err := os.Stat(p); err == nil {
			all = append(all, p)
			continue
		}
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			return nil, usage("--images %s: there is no such file", p)
		}
		slices.Sort(found)
		all = append(all, found...)
	}
	return all, nil
}

// maxTextLine bounds a line of a file with texts, in bytes.
const maxTextLine = 1 << 20

// textLines reads a text a line; an empty line is an empty text.
func (a *app) textLines(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	var in io.Reader = a.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, usage("--texts: %v", err)
		}
		defer file.Close()
		in = file
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxTextLine)
	var texts []string
	for lines.Scan() {
		texts = append(texts, strings.TrimSuffix(lines.Text(), "\r"))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read texts from %s, line %d: %w", path, len(texts)+1, err)
	}
	return texts, nil
}
