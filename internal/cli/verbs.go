package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scalelaw/scalelaw/sweep"
)

// group is a verb that only holds others.
func group(name, short string, verbs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: noSuchVerb, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(verbs...)
	return c
}

// noSuchVerb refuses arguments of a verb that only holds others.
func noSuchVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, v := range c.Commands() {
		names = append(names, v.Name())
	}
	return usage("there is no verb `%s %s`%s", c.CommandPath(), args[0], didYouMean(args[0], names, c.CommandPath()+" --help"))
}

// knownVerb finds an unknown verb before its flags are read: those would be told to be unknown,
// and they are not what is wrong.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) { // a shell asks; cobra answers
		return nil
	}
	c, rest, err := root.Find(args)
	if err != nil {
		return usage("%v", err)
	}
	if !c.HasSubCommands() || len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
		return nil
	}
	return noSuchVerb(c, rest[:1])
}

// helpCommand is `help VERB`; an unknown verb is a mistake there, too.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [VERB]", Short: "Help about a verb", Example: "  scalelaw help fit csv",
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil }, // settings do not matter
		RunE: func(_ *cobra.Command, args []string) error {
			if err := knownVerb(root, args); err != nil {
				return err
			}
			c, _, err := root.Find(args)
			if err != nil {
				return err
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// flagError makes mistakes in flags bad usage, and names the flag that was meant.
func flagError(c *cobra.Command, err error) error {
	var unknown interface{ GetSpecifiedName() string }
	if errors.As(err, &unknown) && strings.HasPrefix(err.Error(), "unknown flag") {
		name := "--" + unknown.GetSpecifiedName()
		return usage("`%s` has no flag %s%s", c.CommandPath(), name, didYouMean(name, flagNames(c), c.CommandPath()+" --help"))
	}
	return usage("%v; `%s --help` lists the flags", err, c.CommandPath())
}

// flagLine is the beginning of a flag's line in cobra's list of flags.
var flagLine = regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[\w-]+)`)

func flagNames(c *cobra.Command) []string {
	var names []string
	for _, match := range flagLine.FindAllStringSubmatch(c.Flags().FlagUsages()+c.InheritedFlags().FlagUsages(), -1) {
		names = append(names, match[1])
	}
	return names
}

// didYouMean names what was meant, or the command that lists what there is.
func didYouMean(written string, names []string, list string) string {
	if best := sweep.Nearest(written, names); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return fmt.Sprintf("; `%s` lists them", list)
}

// exactly wants n arguments, named for the message.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error { return wantArguments(c, names, len(args) == len(names)) }
}

// atMost takes the named arguments, or the first of them, or none.
func atMost(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error { return wantArguments(c, names, len(args) <= len(names)) }
}

// atLeast wants the named arguments, and takes more of the last.
func atLeast(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error { return wantArguments(c, names, len(args) >= len(names)) }
}

func wantArguments(c *cobra.Command, names []string, ok bool) error {
	what := strings.Join(names, " and ")
	if len(names) == 0 {
		what = "no arguments"
	}
	if !ok {
		return usage("%s takes %s; `%s --help` has an example", c.CommandPath(), what, c.CommandPath())
	}
	return nil
}
