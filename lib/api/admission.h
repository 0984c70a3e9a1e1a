// Which connections are taken in: so many at all, some of them kept for operators, so many for one user.
// Pure.
#pragma once

#include "api/options.h"
#include "api/problem.h"

#include <map>
#include <optional>

#include <sys/types.h>

namespace wcmp::api {

struct Peer {
    uid_t uid = 0;
    bool is_operator = false;  // root, or who the daemon runs as
};

class Admission {
public:
    explicit Admission(const Options& options) : options_(options) {}

    // Counts the peer in, or says why not: too_many_connections.
    std::optional<Problem> enter(const Peer& peer);
    void leave(const Peer& peer);

private:
    Options options_;
    std::size_t total_ = 0;
    std::map<uid_t, std::size_t> by_uid_;
};

}  // namespace wcmp::api
