package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// neutral lists the options of open_clip (3.3.0) that are not implemented, with the values that
// ask for what is done anyway. No value: it has no effect on such a model, or on its numbers.
var neutral = map[string]map[string][]string{
	"": {
		"nonscalar_logit_scale": {"false"}, "output_dict": nil, "multimodal_cfg": {"null"},
	},
	"vision_cfg": {
		"ls_init_value": {"null"}, "patch_dropout": {"0", "0.0"}, "attentional_pool": {"false"},
		"attn_pooler_queries": nil, "attn_pooler_heads": nil, "pos_embed_type": {`"learnable"`},
		"output_tokens": {"false"}, "act_kwargs": {"null", "{}"}, "timm_model_name": {"null", `""`},
		"timm_model_pretrained": nil, "timm_pool": nil, "timm_proj": nil, "timm_proj_bias": nil, "timm_drop": nil, "timm_drop_path": nil,
	},
	"text_cfg": {
		"ls_init_value": {"null"}, "embed_cls": {"false"}, "pad_id": nil, "eos_id": nil, "final_ln_after_pool": nil,
		"proj_type": {`"linear"`}, "output_tokens": {"false"}, "act_kwargs": {"null", "{}"},
		"hf_model_name": {"null", `""`}, "hf_tokenizer_name": {"null", `""`}, "tokenizer_mode": {"null", `"lower"`},
		"tokenizer_kwargs": {"null", "{}"}, "hf_model_pretrained": nil, "hf_proj_type": nil, "hf_pooler_type": nil,
	},
}

// blockOptions are the same for both towers: variants of norms and of the residual block.
var blockOptions = map[string][]string{
	"norm_kwargs": {"null", "{}", `{"eps":1e-5}`, `{"eps":1e-05}`}, "block_type": {"null", `"default"`}, "qk_norm": {"false"}, "scaled_cosine_attn": {"false"}, "scale_heads": {"false"},
	"scale_attn_inner": {"false"}, "scale_attn": {"false"}, "scale_fc": {"false"},
}

// dropNeutral removes from a configuration the options that change nothing; the others of
// those lists are errors.
func dropNeutral(fields map[string]json.RawMessage) error {
	problems := dropFrom(fields, "", neutral[""])
	for _, tower := range []string{"vision_cfg", "text_cfg"} {
		var inner map[string]json.RawMessage
		if json.Unmarshal(fields[tower], &inner) != nil {
			continue // missing or of another type, which the strict reading reports
		}
		problems = errors.Join(problems, dropFrom(inner, tower+".", neutral[tower]), dropFrom(inner, tower+".", blockOptions))
		kept, err := json.Marshal(inner)
		if err != nil {
			return err
		}
		fields[tower] = kept
	}
	return problems
}

func dropFrom(fields map[string]json.RawMessage, prefix string, options map[string][]string) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(options)) {
		value, ok := fields[name]
		if !ok {
			continue
		}
		var text bytes.Buffer
		if err := json.Compact(&text, value); err != nil {
			return err
		}
		if same := options[name]; same != nil && !slices.Contains(same, text.String()) {
			problems = append(problems, fmt.Errorf("%s%s %s is not implemented", prefix, name, text.String()))
		}
		delete(fields, name)
	}
	return errors.Join(problems...)
}
