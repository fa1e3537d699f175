// The slow, obviously right reader that ReadSkeleton() is held against: the generated classes parse
// the whole input, and every part of the result is compared, by reflection, with the skeleton and
// with what the skeleton's index says of the payload bytes.
#ifndef HOARFROST_TESTS_WIRE_AGREEMENT_H_
#define HOARFROST_TESTS_WIRE_AGREEMENT_H_

#include <string>
#include <string_view>

namespace hoarfrost::testing {

enum class Outcome {
  kBothAccept,
  kBothRefuse,
  kOnlyProtobufAccepts,  // for one of the reasons below
  kOnlyWeAccept,         // what is broken lies in a packed payload that was not read
};

struct Agreement {
  Outcome outcome = Outcome::kBothRefuse;
  // What disagrees; empty when all is well. All is well where protobuf alone accepts just when the
  // input has a wire type that a known field cannot have, a tag of more than 32 bits, or no graph.
  std::string disagreement;
  std::string refusal;  // our message
};

Agreement CheckAgreement(std::string_view bytes);

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_WIRE_AGREEMENT_H_
