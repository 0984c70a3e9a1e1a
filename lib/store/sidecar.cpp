#include "store/sidecar.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::store {
namespace {

constexpr std::string_view suffix = ".rec";

Result<Bytes> read_whole(const io::ReadableFile& file) {
    WCMP_ASSIGN(const auto status, file.status());
    if (status.size >= limits::bundle_bytes_limit) return fail(Errc::too_large, "a sidecar is too large");
    Bytes bytes(status.size);
    WCMP_TRY(io::read_exactly(file, 0, bytes));
    return bytes;
}

// Not synced: what a power cut leaves of it does not verify, and is made again.
Result<void> write_sidecar(io::Directory& directory, const bundle::Name& name, ByteView bytes) {
    const auto file_name = sidecar_name(name);
    if (const auto removed = directory.unlink(file_name); !removed && removed.error().code != Errc::not_found)
        return removed;
    WCMP_ASSIGN(auto file, directory.create(file_name));
    WCMP_TRY(file->write_at(0, bytes));
    WCMP_TRY(file->set_constant_times());
    return directory.set_constant_times();
}

bool bundle_exists(const io::Directory& directory, const bundle::Name& name) {
    return directory.open(bundle::to_string(name)).has_value();
}

}  // namespace

std::string sidecar_name(const bundle::Name& name) {
    return bundle::to_string(name).append(suffix);
}

Sidecar::~Sidecar() = default;

Result<std::shared_ptr<const Sidecar>> Sidecar::open(io::Directory& directory,
                                                     std::shared_ptr<const bundle::Reader> bundle) {
    const auto& header = bundle->header();
    std::shared_ptr<Sidecar> result(new Sidecar);
    const auto load = [&]() -> Result<void> {
        WCMP_ASSIGN(const auto file, directory.open(sidecar_name(bundle->name())));
        WCMP_ASSIGN(auto bytes, read_whole(*file));
        WCMP_ASSIGN(result->index_, SidecarIndex::check(bytes, header.index_hash, header.messages));
        auto mapping = file->map(0, bytes.size());
        if (mapping) {
            result->mapping_ = std::move(*mapping);
        } else {
            result->memory_ = std::move(bytes);
        }
        return {};
    };
    if (load()) return result;

    WCMP_ASSIGN(auto built, build_sidecar(bundle));
    if (built.unreadable == 0 && write_sidecar(directory, bundle->name(), built.bytes) && load())
        return result;
    WCMP_ASSIGN(result->index_, SidecarIndex::check(built.bytes, header.index_hash, header.messages));
    result->memory_ = std::move(built.bytes);
    return result;
}

Result<Recognition> Sidecar::at(std::uint32_t position) const {
    auto found = index_.at(bytes(), position);
    if (mapping_ && !mapping_->is_whole())
        found = fail(Errc::io, "the medium does not give all of a sidecar", EIO);
    if (!found) is_good_ = false;
    return found;
}

Result<std::shared_ptr<const Sidecar>> Sidecars::open(const std::shared_ptr<const bundle::Reader>& bundle) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = open_.find(bundle->name()); found != open_.end()) {
        if (found->second->is_good()) return found->second;
        open_.erase(found);
    }
    WCMP_ASSIGN(auto sidecar, Sidecar::open(directory_, bundle));
    // A reader of an old snapshot asks for a bundle that was merged away: nothing of it stays.
    if (bundle_exists(directory_, bundle->name())) {
        open_.emplace(bundle->name(), sidecar);
    } else {
        unlink_quietly(bundle->name());
    }
    return sidecar;
}

void Sidecars::remove(const bundle::Name& name) {
    const std::scoped_lock lock(mutex_);
    open_.erase(name);
    unlink_quietly(name);
}

// It may never have been there; what stays is removed at the next start.
void Sidecars::unlink_quietly(const bundle::Name& name) {
    if (directory_.unlink(sidecar_name(name))) std::ignore = directory_.set_constant_times();
}

Result<void> Sidecars::remove_orphans(std::span<const bundle::Name> bundles) {
    std::vector<std::string> orphans;
    WCMP_TRY(directory_.list([&](std::string_view entry) {
        if (!entry.ends_with(suffix)) return;
        const auto name = bundle::parse_name(entry.substr(0, entry.size() - suffix.size()));
        if (name && std::ranges::find(bundles, *name) == bundles.end()) orphans.emplace_back(entry);
    }));
    for (const auto& orphan : orphans) WCMP_TRY(directory_.unlink(orphan));
    return directory_.set_constant_times();
}

}  // namespace wcmp::store
