// What the parts of one visit share.
#pragma once

#include "sync/visit.h"

#include <algorithm>

namespace wcmp::sync {

// Tells whoever watches the visit where it is.
class VisitProgress {
public:
    explicit VisitProgress(const std::function<void(const Progress&)>& listener) : listener_(listener) {}

    void begin(Phase phase, std::uint64_t total_bytes = 0) {
        progress_ = {.phase = phase, .done_bytes = 0, .total_bytes = total_bytes};
        tell();
    }
    void advance(std::uint64_t bytes) {
        progress_.done_bytes = std::min(progress_.done_bytes + bytes, progress_.total_bytes);
        tell();
    }

private:
    void tell() const {
        if (listener_) listener_(progress_);
    }

    const std::function<void(const Progress&)>& listener_;
    Progress progress_;
};

struct VisitWorld {
    Local& local;
    io::Directory& drive;
    const VisitSettings& settings;
    const message::Today& today;
    Random& random;
    VisitResult& result;
    VisitProgress progress;
    std::stop_token stop;

    bundle::CommitOptions commit_options(bool shared) {
        return {.shared = shared, .stop = stop, .on_message = [this](const auto& item, const auto&) {
                    progress.advance(item.length);
                }};
    }

    void count_invalid(Errc code);

    // Remembers the first reason why the drive cannot be written.
    void note(const Error& error) {
        if (!result.export_error) result.export_error = error;
    }
};

// An output is never taken away as an input.
std::vector<bundle::Name> covered_by(std::vector<bundle::Name> inputs,
                                     const std::vector<bundle::Name>& outputs);

}  // namespace wcmp::sync
