// Recognition sidecars, `<bundle name>.rec`: what clients need to find their messages without the bodies
// (lib/bundle/BUNDLE.md, section 6). Not synced, rebuilt when missing or wrong, never on a drive.
//
// `WCMPREC1`, index hash 32, N u32, CRC-32C u32 over the rest; per message in index order: suite u8,
// slot_exp u8 (255: nothing follows), digest 32, nonce1 16, from_tag 16, to_tags 16 x 2^slot_exp.
#pragma once

#include "bundle/reader.h"
#include "io/file.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace wcmp::store {

inline constexpr std::uint8_t slot_exp_unknown = 255;

// Of one message. Tags are empty and slot_exp is 255 for a suite that is not known, and for a message that
// is damaged in its bundle.
struct Recognition {
    std::uint8_t suite = 0;
    std::uint8_t slot_exp = slot_exp_unknown;
    Digest digest;
    Nonce1 nonce1;
    HintTag from_tag;
    ByteView to_tags;  // 16 each; valid as long as the sidecar
};

// The records of a sidecar, checked as a whole, with places to start looking from.
class SidecarIndex {
public:
    // Errc::invalid unless it is exactly the sidecar of this index.
    static Result<SidecarIndex> check(ByteView file, const IndexHash& index_hash, std::uint32_t messages);

    // Of the message at a position of the bundle's index. `file` is what was checked.
    Result<Recognition> at(ByteView file, std::uint32_t position) const;

private:
    std::vector<std::uint32_t> starts_;  // in the file, of every 16th record
};

// One bundle's sidecar, mapped and checked.
class Sidecar {
public:
    // Reads it, or makes it from the bundle's messages when it is missing or wrong. Where it cannot be
    // written it is kept in memory. Errors are those of reading the bundle.
    static Result<std::shared_ptr<const Sidecar>> open(io::Directory& directory,
                                                       std::shared_ptr<const bundle::Reader> bundle);
    Sidecar(const Sidecar&) = delete;
    Sidecar& operator=(const Sidecar&) = delete;
    ~Sidecar();

    // Of the message at a position of the index. An error: what was checked is not there any more.
    Result<Recognition> at(std::uint32_t position) const;
    // False after an error: it has to be opened anew.
    bool is_good() const { return is_good_; }

private:
    Sidecar() = default;
    ByteView bytes() const { return mapping_ ? mapping_->bytes() : ByteView(memory_); }

    std::unique_ptr<io::Mapping> mapping_;
    Bytes memory_;  // where there is nothing to map
    SidecarIndex index_;
    mutable std::atomic<bool> is_good_{true};
};

std::string sidecar_name(const bundle::Name& name);

// A sidecar, made by reading all messages of a bundle.
struct BuiltSidecar {
    Bytes bytes;
    // Of messages that the medium did not give: they are named like damaged ones. Another time it may give
    // them, so such a sidecar is not written.
    std::size_t unreadable = 0;
};
Result<BuiltSidecar> build_sidecar(const std::shared_ptr<const bundle::Reader>& bundle);

// The open sidecars of a store, one for each bundle that was asked for. For several threads.
class Sidecars {
public:
    explicit Sidecars(io::Directory& directory) : directory_(directory) {}

    Result<std::shared_ptr<const Sidecar>> open(const std::shared_ptr<const bundle::Reader>& bundle);

    // The bundle is gone: unlinks its sidecar. Whoever holds it may go on reading.
    void remove(const bundle::Name& name);

    // Unlinks sidecars without a bundle. `bundles` are the names in the store.
    Result<void> remove_orphans(std::span<const bundle::Name> bundles);

private:
    void unlink_quietly(const bundle::Name& name);

    io::Directory& directory_;
    std::mutex mutex_;
    std::map<bundle::Name, std::shared_ptr<const Sidecar>> open_;
};

}  // namespace wcmp::store
