// All entries of some bundles in (day, id) order, from any point on, by search in their indexes: going on
// costs a few reads a bundle, not a reading of what came before.
#pragma once

#include "bundle/reader.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::node {

// The first position of an index whose key is not below `key`; its order is believed.
Result<std::uint32_t> lower_bound(const bundle::Reader& bundle, const MessageKey& key);

class IndexScan {
public:
    struct Place {
        std::uint32_t bundle = 0;  // position in the list
        std::uint32_t position = 0;
        bundle::Entry entry;
    };

    // Starts at the first key that is not below `from`. The bundles must outlive it.
    IndexScan(std::span<const std::shared_ptr<const bundle::Reader>> bundles, const MessageKey& from);

    // Copies of one key follow each other. Nothing after the last.
    std::optional<Place> next();

    // Bundles whose index could not be read so far: they take no more part.
    struct Failed {
        std::uint32_t bundle = 0;
        Error error;
    };
    std::span<const Failed> failed() const { return failed_; }

private:
    struct Part {
        std::uint32_t next = 0;  // the position after the buffered entries
        std::size_t used = 0;
        std::vector<bundle::Entry> buffer;
    };
    struct Head {
        MessageKey key;
        std::uint32_t bundle = 0;
        // Greater: the standard heaps have their largest in front.
        bool operator<(const Head& other) const {
            return key != other.key ? key > other.key : bundle > other.bundle;
        }
    };

    Result<void> begin(std::uint32_t bundle, const MessageKey& from);
    Result<void> push(std::uint32_t bundle);

    std::span<const std::shared_ptr<const bundle::Reader>> bundles_;
    std::size_t buffered_max_ = 1;
    std::vector<Part> parts_;
    std::vector<Head> heads_;
    std::vector<Failed> failed_;
};

}  // namespace wcmp::node
