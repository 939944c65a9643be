// Package temporalsetup prepares a Temporal namespace for scalelaw: its search attributes.
package temporalsetup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
)

// SearchAttributes are those that workflows set, with their types.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	const keyword = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	return map[string]enumspb.IndexedValueType{
		"ScalelawSweep": keyword, "ScalelawRun": keyword, "ScalelawModel": keyword, "ScalelawData": keyword,
		"ScalelawState": keyword, "ScalelawTrainer": keyword, "ScalelawSamplesSeen": enumspb.INDEXED_VALUE_TYPE_INT,
	}
}

// Register adds the search attributes that a namespace does not have yet, and names them.
func Register(ctx context.Context, c client.Client, namespace string) (added []string, err error) {
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("list the search attributes of namespace %s: %w", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range SearchAttributes() {
		got, ok := have.CustomAttributes[name]
		if ok && got != kind {
			return nil, fmt.Errorf("search attribute %s of namespace %s is %s, scalelaw needs %s: use another namespace", name, namespace, got, kind)
		}
		if !ok {
			missing[name] = kind
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	added = slices.Sorted(maps.Keys(missing))
	if _, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing}); err != nil {
		return nil, fmt.Errorf("add search attributes %s to namespace %s: %w", strings.Join(added, ", "), namespace, err)
	}
	return added, nil
}
