package icons32

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// splitOf says which packs are held out, and for what: test, and the shifts in style that are
// the counterparts of ImageNet-R and -Sketch. Every other pack trains.
var splitOf = splits(map[string]string{
	"test": `lucide heroicons iconoir bi carbon ion octicon feather eva f7 teenyicons clarity akar-icons
		heroicons-outline heroicons-solid majesticons flowbite proicons jam lineicons famicons lucide-lab
		zondicons evil gg fe stash solar`,
	"emoji":  "noto noto-v1 fluent-emoji-flat fluent-emoji fluent-emoji-high-contrast fxemoji",
	"pixel":  "pixelarticons memory dinkie-icons",
	"colour": "icon-park fluent-color marketeq glyphs-poly flat-color-icons flat-ui",
})

func splits(packs map[string]string) map[string]string {
	of := map[string]string{}
	for name, list := range packs {
		for _, pack := range strings.Fields(list) {
			of[pack] = name
		}
	}
	return of
}

func split(pack string) string {
	if s, ok := splitOf[pack]; ok {
		return s
	}
	return "train"
}

const classNames = `star;calendar;link;search;heart;home;lock;share;arrow left;arrow right;arrow up;arrow down;
bookmark;camera;download;check;flag;filter;folder;clock;tag;play;book;moon;rocket;upload;user;globe;key;pause;
phone;pin;eye;shield;copy;cloud;credit card;folder open;compass;sun;code;info;map;refresh;bell;briefcase;archive;
clipboard;image;inbox;keyboard;table;database;gift;trash;trophy;car;file;plus;pencil;shopping bag;shopping cart;
chevron left;chevron right;chevron up;chevron down;microphone;wallet;bug;laptop;video;anchor;list;save;wifi;
umbrella;zoom in;zoom out;align left;align right;align center;box;layers;building;mail;calculator;chat;crop;
tablet;at;music;paperclip;minus;unlock;check circle;diamond;mouse;settings;terminal;apple;circle;power;ticket;
volume;hourglass;square;server;printer;expand;lightbulb;menu;send;snowflake;coffee;palette;redo;undo;stop;train;
monitor;fire;grid;hospital;asterisk;brush;target;triangle;crown;play circle;shuffle;thermometer;eraser;magnet;
ruler;rss;italic;barcode;bluetooth;copyright;fingerprint;headphones;speaker;stethoscope;usb;bus;fast forward;
radio;robot;pie chart;cube;truck;underline;battery full;skull;film;leaf;stopwatch;strikethrough;users;wrench;bed;
receipt;tv;microscope;plug;x;pill;glasses;thumbs down;thumbs up;cake;qr code;hexagon;scissors;tree`

var classes = strings.Split(strings.ReplaceAll(classNames, "\n", ""), ";")

// Classes are the 175 names that zero-shot classification chooses among.
func Classes() []string { return classes }

// Templates are the words that stand behind a class name in a prompt, as icon names have them.
func Templates() [][]string {
	return [][]string{{}, {"outline"}, {"filled"}, {"bold"}, {"rounded"}, {"line"}}
}

// Labelled gives the icons of a held-out split whose name is one of the classes, with the
// number of the class: test (without near twins in the training packs), test-all, emoji,
// pixel, colour.
func (s *Set) Labelled(name string) (items, labels []int, err error) {
	of := name
	if name == "test-all" {
		of = "test"
	}
	if !slices.Contains([]string{"test", "emoji", "pixel", "colour"}, of) {
		return nil, nil, fmt.Errorf("%w: split %q is none of test, test-all, emoji, pixel, colour", sweep.ErrBadInput, name)
	}
	for i, it := range s.items {
		label, ok := s.labels[it.Base]
		if !ok || split(it.Pack) != of || name == "test" && hasTwin(it) {
			continue
		}
		items, labels = append(items, i), append(labels, label)
	}
	return items, labels, nil
}

// Retrieval gives 1,000 icons of the test packs with captions of two words or more that all
// differ, the first of a fixed order.
func (s *Set) Retrieval() []int {
	type candidate struct {
		key  [32]byte
		item int
	}
	var all []candidate
	for i, it := range s.items {
		if split(it.Pack) == "test" && len(it.Words) >= 2 {
			all = append(all, candidate{sha256.Sum256([]byte("retrieval/" + it.Pack + "/" + it.Name)), i})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(slices.Compare(a.key[:], b.key[:]), cmp.Compare(a.item, b.item))
	})
	seen, items := map[string]bool{}, []int{}
	for _, c := range all {
		words := s.items[c.item].Words
		caption := strings.Join(words[:min(Context, len(words))], " ")
		if !seen[caption] && len(items) < 1000 {
			seen[caption] = true
			items = append(items, c.item)
		}
	}
	return items
}
