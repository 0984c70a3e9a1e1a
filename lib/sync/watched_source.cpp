#include "sync/watched_source.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync {

Result<bundle::Reader::Message> WatchedSource::fetch(std::size_t index, const bundle::Item& item) {
    auto message = source_.fetch(index, item);
    if (message) {
        failures_in_a_row_ = 0;
        return message;
    }
    const Error& error = message.error();
    errors_[index] = error.code;
    if (error.os_error == EIO && ++failures_in_a_row_ < unreadable_in_a_row_max_)
        return fail(Errc::wrong_hash, "a message that cannot be read");
    failed_ = failed_ || (!is_format_class(error.code) && error.code != Errc::wrong_hash);
    return message;
}

Errc WatchedSource::why(std::size_t index) const {
    const auto found = errors_.find(index);
    return found == errors_.end() ? Errc::wrong_hash : found->second;
}

bool WatchedSource::read_all() const {
    return std::ranges::none_of(errors_, [](const auto& error) { return error.second == Errc::io; });
}

}  // namespace wcmp::sync
