// A source of messages on a medium that may fail.
#pragma once

#include "bundle/message_source.h"
#include "core/limits.h"

#include <map>

namespace wcmp::sync {

// Remembers why messages were refused, for the counters. A message that the medium does not give is left out
// like a bad one, so that it never hides the rest; a medium that gives nothing time after time ends the work.
class WatchedSource final : public bundle::MessageSource {
public:
    explicit WatchedSource(bundle::MessageSource& source,
                           unsigned unreadable_in_a_row_max = limits::unreadable_in_a_row_max)
        : source_(source), unreadable_in_a_row_max_(unreadable_in_a_row_max) {}

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override;

    // Of a message that was bad.
    Errc why(std::size_t index) const;
    // Every message was given, good or bad.
    bool read_all() const;
    // It answered an error that is the medium's: what fails then is the reading, not the writing.
    bool failed() const { return failed_; }

private:
    bundle::MessageSource& source_;
    std::map<std::size_t, Errc> errors_;  // of bad messages only: at most a piece's
    unsigned unreadable_in_a_row_max_;
    unsigned failures_in_a_row_ = 0;
    bool failed_ = false;
};

}  // namespace wcmp::sync
