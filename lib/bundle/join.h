// A k-way merge of indexes by (day, id): the one way in which sets of messages are compared and united.
#pragma once

#include "bundle/reader.h"

#include <span>
#include <vector>

namespace wcmp::bundle {

// Where one copy of a message is.
struct Copy {
    std::uint32_t source = 0;    // position in the list given to the join
    std::uint32_t position = 0;  // position in that source's index
    Entry entry;
};

// Streams groups of equal keys out of whole indexes, while their hashes are computed. A source whose index
// turns out wrong ends there; it is in bad_sources(), and nothing that was derived from the join may take
// effect: it is made anew without the bad ones. The same holds for a source that has a place which the medium
// does not give.
class Join {
public:
    // buffer_bytes in all, shared out among the sources.
    Join(std::span<const std::shared_ptr<const Reader>> sources, std::size_t buffer_bytes);
    Join(Join&&) noexcept;
    Join& operator=(Join&&) noexcept;
    ~Join();

    // The copies of the next key, by source; empty after the last. The span is valid until the next call.
    // An error is the medium's as a whole, and stays.
    Result<std::span<const Copy>> next();

    // After the last group.
    std::span<const std::uint32_t> bad_sources() const;
    std::span<const std::uint32_t> unreadable_sources() const;
    std::shared_ptr<const IndexDigests> digests(std::uint32_t source) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wcmp::bundle
