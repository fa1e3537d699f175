#include "roles/names.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace hoarfrost::roles {
namespace {

bool StartsWith(std::string_view s, std::string_view part) {
  return s.substr(0, part.size()) == part;
}
bool EndsWith(std::string_view s, std::string_view part) {
  return s.size() >= part.size() && s.substr(s.size() - part.size()) == part;
}
bool IsDigits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}
template <size_t N>
bool IsOneOf(std::string_view s, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), s) != std::end(list);
}

// "zeros_like_3" -> "zeros_like".
std::string_view WithoutNumber(std::string_view s) {
  const size_t at = s.rfind('_');
  return at != std::string_view::npos && IsDigits(s.substr(at + 1)) ? s.substr(0, at) : s;
}

// torch.nn's own names of parameters, and Keras's, Paddle's and scikit-learn's.
constexpr std::string_view kParameters[] = {
    "weight",
    "bias",
    "kernel",
    "gamma",
    "beta",
    "in_proj_weight",
    "in_proj_bias",
    "q_proj_weight",
    "k_proj_weight",
    "v_proj_weight",
    "bias_k",
    "bias_v",
    "weight_g",
    "weight_orig",
    "embeddings",
    "embedding",
    "alpha",
    "recurrent_kernel",
    "depthwise_kernel",
    "pointwise_kernel",
    "w_0",
    "b_0",
    "weight_v",
    "original0",
    "original1",
};

// Names that modules of the common libraries give to buffers and to nothing else.
constexpr std::string_view kBuffers[] = {
    "mask",
    "attn_mask",
    "causal_mask",
    "attention_mask",
    "bias_mask",
    "tril",
    "anchors",
    "anchor",
    "strides",
    "inv_freq",
    "original_inv_freq",
    "position_ids",
    "position_id",
    "relative_position_index",
    "relative_coords_table",
    "rp_bucket",
    "sin",
    "cos",
    "sin_cached",
    "cos_cached",
    "pos_sin",
    "pos_cos",
    "freqs_cis",
    "pe",
    "window",
    "filt",
    "mel_basis",
    "final_logits_bias",
    "num_batches_tracked",
    "zero_point",
    "weight_u",
    "_u",
    "_v",
    "grid",
    "adj",
};

constexpr std::string_view kStatistics[] = {"running_mean", "running_var", "moving_mean",
                                            "moving_variance", "moving_var"};

// Operators of PyTorch's traced graphs that make constants.
constexpr std::string_view kMakers[] = {
    "zeros",    "zeros_like", "ones",       "ones_like", "full",       "full_like", "arange",
    "eye",      "empty",      "empty_like", "new_zeros", "new_ones",   "new_full",  "scalar_tensor",
    "linspace", "tril",       "triu",       "where",     "masked_fill"};

bool IsRecurrent(std::string_view leaf) {
  return StartsWith(leaf, "weight_ih") || StartsWith(leaf, "weight_hh") ||
         StartsWith(leaf, "bias_ih") || StartsWith(leaf, "bias_hh") ||
         StartsWith(leaf, "weight_hr");
}

}  // namespace

std::string_view LeafOf(std::string_view name) {
  if (const size_t colon = name.rfind(':');
      colon != std::string_view::npos && IsDigits(name.substr(colon + 1))) {
    name = name.substr(0, colon);
  }
  const size_t at = name.find_last_of("./");
  return at == std::string_view::npos ? name : name.substr(at + 1);
}

NameHint HintOf(std::string_view name) {
  const std::string_view leaf = LeafOf(name);
  if (IsOneOf(leaf, kStatistics)) return NameHint::kStatistic;
  if (IsOneOf(leaf, kBuffers) || EndsWith(leaf, "_mask") || EndsWith(leaf, "_idx")) {
    return NameHint::kBuffer;
  }
  if (IsOneOf(leaf, kParameters) || IsRecurrent(leaf) || EndsWith(leaf, "_embedding") ||
      EndsWith(leaf, "_embeddings") || EndsWith(leaf, "_token") || EndsWith(leaf, "_embed") ||
      EndsWith(leaf, "_bias_table") || StartsWith(leaf, "ReadVariableOp")) {
    return NameHint::kParameter;
  }
  if (IsOneOf(WithoutNumber(leaf), kMakers)) return NameHint::kMade;
  return NameHint::kNone;
}

bool IsAnonymous(std::string_view name) {
  if (StartsWith(name, "onnx::") || StartsWith(name, "ortshared_")) return true;
  if (IsDigits(name)) return true;
  for (const std::string_view counted : {"val_", "_v_"}) {  // dynamo's and onnxsim's
    if (StartsWith(name, counted) && IsDigits(name.substr(counted.size()))) return true;
  }
  return !name.empty() && name[0] == '/' && name.find("_output_") != std::string_view::npos;
}

bool IsConstantOutput(std::string_view name) {
  if (name.empty() || name[0] != '/') return false;
  constexpr std::string_view kOutput = "_output_0";
  std::string_view leaf = LeafOf(name);
  if (!EndsWith(leaf, kOutput)) return false;
  leaf.remove_suffix(kOutput.size());
  return WithoutNumber(leaf) == "Constant";
}

bool IsParameterOfModule(std::string_view name) {
  const std::string_view leaf = LeafOf(name);
  if (leaf.size() == name.size()) return false;
  return IsOneOf(leaf, kParameters) || IsRecurrent(leaf) || IsOneOf(leaf, kStatistics);
}

}  // namespace hoarfrost::roles
