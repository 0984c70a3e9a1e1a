#include "api/admission.h"

namespace wcmp::api {
namespace {

Problem too_many(unsigned status, std::string detail) {
    auto result = problem(Code::too_many_connections, std::move(detail));
    result.status = status;
    result.retry_after = std::chrono::seconds(1);
    return result;
}

}  // namespace

std::optional<Problem> Admission::enter(const Peer& peer) {
    const auto found = by_uid_.find(peer.uid);
    if (found != by_uid_.end() && found->second >= options_.connections_per_uid_max)
        return too_many(429, "this user has too many connections");
    const auto reserved = peer.is_operator ? 0 : options_.operator_reserve;
    if (total_ + reserved >= options_.connections_max) return too_many(503, "there are too many connections");
    ++total_;
    ++by_uid_[peer.uid];
    return std::nullopt;
}

void Admission::leave(const Peer& peer) {
    --total_;
    if (--by_uid_[peer.uid] == 0) by_uid_.erase(peer.uid);
}

}  // namespace wcmp::api
