// Where text goes: a string, a descriptor. Writers to the right fill one without knowing which.
#ifndef HOARFROST_BASE_SINK_H_
#define HOARFROST_BASE_SINK_H_

#include <string>
#include <string_view>

namespace hoarfrost::base {

class Sink {
 public:
  virtual ~Sink() = default;
  // Takes all of `bytes`. A sink that fails remembers why and swallows the rest; its owner asks.
  virtual void Write(std::string_view bytes) = 0;
};

class StringSink final : public Sink {
 public:
  void Write(std::string_view bytes) override { text.append(bytes); }
  std::string text;
};

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_SINK_H_
