// Freezes layers of a model by a pattern and writes the result, then takes it back.
//
//   example_freeze MODEL PATTERN OUT
#include <hoarfrost/model.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: example_freeze MODEL PATTERN OUT\n";
    return 2;
  }
  const auto fail = [](const absl::Status& status) {
    std::cerr << status.message() << "\n";
    return 2;
  };
  const absl::StatusOr<hoarfrost::Model> model = hoarfrost::Model::Load(argv[1]);
  if (!model.ok()) return fail(model.status());

  hoarfrost::Selection selection;
  selection.layers = {argv[2]};
  const absl::StatusOr<hoarfrost::Model> frozen = model->Freeze(selection);
  if (!frozen.ok()) return fail(frozen.status());
  if (const absl::Status saved = frozen->Save(argv[3]); !saved.ok()) return fail(saved);
  std::cout << "trainable " << model->totals().trainable << " -> " << frozen->totals().trainable
            << "\n";

  const absl::StatusOr<hoarfrost::Model> thawed = frozen->Thaw();
  if (!thawed.ok()) return fail(thawed.status());
  const absl::StatusOr<std::string> before = model->Serialize();
  const absl::StatusOr<std::string> after = thawed->Serialize();
  if (!before.ok()) return fail(before.status());
  if (!after.ok()) return fail(after.status());
  std::cout << "thawed " << (*before == *after ? "equals" : "differs from") << " the original\n";
  return *before == *after ? 0 : 1;
}
