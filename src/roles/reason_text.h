// Reasons as sentences. Names come from strangers and are escaped.
#ifndef HOARFROST_ROLES_REASON_TEXT_H_
#define HOARFROST_ROLES_REASON_TEXT_H_

#include <string>
#include <vector>

#include "roles/evidence.h"
#include "roles/graph_view.h"
#include "roles/stated.h"

namespace hoarfrost::roles {

// "input 3 (input_mean) of BatchNormalization node 'bn'".
std::string UseText(const GraphView& view, model::Use use);

std::string EvidenceText(const GraphView& view, const Evidence& e,
                         const std::vector<model::NodeId>& path);

std::string StatementText(const Statement& s);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_REASON_TEXT_H_
