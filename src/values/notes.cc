#include "values/notes.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "base/text.h"
#include "values/read_values.h"

namespace hoarfrost::values {
namespace {

using model::Severity;
using model::TensorId;

constexpr size_t kMostNames = 5;

// The tensors that one note is about: how many, and the first few in words.
class Subjects {
 public:
  void Add(const summary::Summary& model, TensorId t, std::string_view more = {}) {
    if (++count_ > kMostNames) return;
    names_ += fmt::format("{}{}", names_.empty() ? "" : ", ", base::Quote(model.tensor(t).name));
    if (!more.empty()) names_ += fmt::format(" ({})", more);
  }
  uint64_t count() const { return count_; }
  std::string names() const {
    if (count_ <= kMostNames) return names_;
    return fmt::format("{} and {} more", names_, base::WithCommas(count_ - kMostNames));
  }

 private:
  uint64_t count_ = 0;
  std::string names_;
};

std::string Plural(uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", base::WithCommas(n), what, n == 1 ? "" : "s");
}

bool IsVariance(const summary::Summary& model, TensorId t) {
  const roles::TensorRole& role = model.role(t);
  constexpr int32_t kVariance = 4;  // input_var of BatchNormalization
  return role.role == roles::Role::kStatistic && role.decided_by.node != model::kNone &&
         role.decided_by.slot == kVariance &&
         model.facts.op(role.decided_by.node).type == "BatchNormalization";
}

// Two names for one range of one file.
bool SharesStorage(const payload::Storage& a, const payload::Storage& b) {
  return a.kind == payload::StorageKind::kExternal && b.kind == a.kind &&
         a.location == b.location && a.offset == b.offset;
}

std::string Odd(const Statistics& statistics) {
  std::string text;
  if (statistics.nans > 0) text += fmt::format("{} NaN", base::WithCommas(statistics.nans));
  if (statistics.infinities > 0) {
    text += fmt::format("{}{} infinite", text.empty() ? "" : ", ",
                        base::WithCommas(statistics.infinities));
  }
  return text;
}

}  // namespace

std::vector<model::Note> NotesOn(const summary::Summary& model, const ModelValues& values) {
  Subjects unread, odd, negative, zero, constant;
  std::map<TensorId, std::vector<TensorId>> same;  // by the first of them
  for (size_t i = 0; i < values.tensors.size(); ++i) {
    const auto t = static_cast<TensorId>(i);
    const TensorValues& of = values.tensors[i];
    if (!of.error.empty()) unread.Add(model, t, of.error);
    if (of.same_as != model::kNone &&
        !SharesStorage(model.tensor(t).storage, model.tensor(of.same_as).storage)) {
      same[of.same_as].push_back(t);
    }
    if (!of.statistics || !model.is_parameter(t)) continue;
    const Statistics& statistics = *of.statistics;
    if (statistics.nans + statistics.infinities > 0) odd.Add(model, t, Odd(statistics));
    if (IsVariance(model, t) && statistics.min && ToDouble(*statistics.min) < 0) {
      negative.Add(model, t, fmt::format("least {:.4g}", ToDouble(*statistics.min)));
    }
    if (statistics.all_zero()) {
      zero.Add(model, t);
    } else if (statistics.count > 1 && statistics.constant()) {
      constant.Add(model, t, fmt::format("{:.6g}", ToDouble(*statistics.min)));
    }
  }

  std::vector<model::Note> notes;
  const auto note = [&](Severity severity, std::string text) {
    notes.push_back({severity, "values: " + std::move(text)});
  };
  if (unread.count() > 0) {
    note(Severity::kWarning, fmt::format("those of {} could not be read: {}",
                                         Plural(unread.count(), "tensor"), unread.names()));
  }
  if (odd.count() > 0) {
    note(Severity::kWarning,
         fmt::format("{} {} NaN or infinities: {}", Plural(odd.count(), "parameter tensor"),
                     odd.count() == 1 ? "holds" : "hold", odd.names()));
  }
  if (negative.count() > 0) {
    note(Severity::kWarning,
         fmt::format("{} {} negative: {}", Plural(negative.count(), "variance tensor"),
                     negative.count() == 1 ? "is" : "are", negative.names()));
  }
  if (zero.count() > 0) {
    note(Severity::kInfo,
         fmt::format("{} {} all zero: {}", Plural(zero.count(), "parameter tensor"),
                     zero.count() == 1 ? "is" : "are", zero.names()));
  }
  if (constant.count() > 0) {
    note(Severity::kInfo,
         fmt::format("{} {} one value only: {}", Plural(constant.count(), "parameter tensor"),
                     constant.count() == 1 ? "holds" : "hold", constant.names()));
  }
  if (!same.empty()) {
    Subjects pairs;
    uint64_t bytes = 0;
    for (const auto& [first, copies] : same) {
      pairs.Add(model, first,
                copies.size() == 1
                    ? fmt::format("as {}", base::Quote(model.tensor(copies[0]).name))
                    : fmt::format("as {} and {} more", base::Quote(model.tensor(copies[0]).name),
                                  base::WithCommas(copies.size() - 1)));
      bytes =
          base::SaturatingAdd(bytes, base::SaturatingMul(model.tensor(first).bytes, copies.size()));
    }
    note(Severity::kInfo,
         fmt::format("the same bytes are stored again ({}), by tied weights or by copies that were "
                     "never trained: {}",
                     base::HumanBytes(bytes), pairs.names()));
  }
  return notes;
}

}  // namespace hoarfrost::values
