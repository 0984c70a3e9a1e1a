#include "bundle/existing_file.h"

#include "bundle/commit.h"
#include "bundle/file_writer.h"
#include "bundle/salvage.h"
#include "bundle/verify.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

Result<HeaderKind> kind_of(const io::ReadableFile& file) {
    WCMP_ASSIGN(const auto status, file.status());
    std::array<std::uint8_t, limits::bundle_header_bytes> start{};
    WCMP_ASSIGN(const auto got, file.read_at(0, start));
    return classify_header(ByteView(start).first(got), status.size);
}

bool means_damage(const Error& error) {
    return is_bad_message(error) || error.code == Errc::truncated;
}

// Where a sync failed, the kernel takes what it could not write for written, and tells nobody else: the file
// can be read, the next sync succeeds, and the medium has no header. (What is behind the header was synced
// before it was written.) So it is written once more, as it is.
Result<void> write_header_again(io::WritableFile& file) {
    std::array<std::uint8_t, limits::bundle_header_bytes> header{};
    WCMP_TRY(io::read_exactly(file, 0, header));
    WCMP_TRY(file.write_at(0, header));
    return file.set_constant_times();
}

Result<void> sync_with_header(io::Directory& directory, const Name& name) {
    WCMP_ASSIGN(const auto file, directory.open_for_writing(to_string(name)));
    WCMP_TRY(write_header_again(*file));
    return file->sync();
}

// The rule for files that this process did not write: all of it is read and hashed, then file and directory
// are synced.
Result<void> verify_whole_and_sync(io::Directory& directory, const Name& name, const std::stop_token& stop) {
    WCMP_ASSIGN(auto file, directory.open(to_string(name)));
    WCMP_ASSIGN(const auto reader, Reader::open(std::move(file), name));
    WCMP_TRY(verify_all(reader, stop));
    WCMP_TRY(sync_with_header(directory, name));
    return directory.sync();
}

// What the medium does not give may be anything.
Result<bool> all_saved_among(const io::ReadableFile& file, const Name& name, std::span<const Item> items) {
    WCMP_ASSIGN(auto salvager, Salvager::open(file, name));
    while (!salvager.done()) {
        WCMP_ASSIGN(const auto found, salvager.next({.saved_max = limits::salvaged_per_round_max}));
        const auto is_among = [&](const SavedMessage& saved) {
            return std::ranges::binary_search(items, saved.key, {}, &Item::key);
        };
        if (found.unreadable > 0 || !std::ranges::all_of(found.saved, is_among)) return false;
    }
    return true;
}

Result<Existing> existing_void(const io::ReadableFile& file, bool shared) {
    if (shared) return Existing::in_the_making;  // to ask for the lock would take it from whoever makes it
    WCMP_ASSIGN(const bool free, file.no_writer());
    return free ? Existing::unwritten : Existing::in_the_making;
}

}  // namespace

Result<void> verify_and_sync(io::Directory& directory, const Name& name) {
    return verify_whole_and_sync(directory, name, {});
}

Result<void> confirm_index(io::Directory& directory, const Name& name) {
    WCMP_ASSIGN(auto file, directory.open(to_string(name)));
    WCMP_ASSIGN(const auto reader, Reader::open(std::move(file), name));
    IndexStream index(reader, limits::drive_read_bytes);
    for (;;) {
        WCMP_ASSIGN(const auto entry, index.next());
        if (!entry) break;
    }
    return sync_with_header(directory, name);
}

Result<Existing> look_at(io::Directory& directory, const Name& name, bool shared,
                         const std::stop_token& stop) {
    const auto file = directory.open(to_string(name));
    if (!file) {
        if (file.error().code == Errc::not_found) return Existing::none;
        if (file.error().code == Errc::not_regular) return Existing::in_the_way;
        return std::unexpected(file.error());
    }
    WCMP_ASSIGN(const auto kind, kind_of(**file));
    switch (kind) {
    case HeaderKind::void_file: return existing_void(**file, shared);
    case HeaderKind::unknown_format: return Existing::in_the_way;
    case HeaderKind::damaged: return Existing::damaged;
    case HeaderKind::valid: break;
    }
    const auto verified = verify_whole_and_sync(directory, name, stop);
    if (verified) return Existing::good;
    if (means_damage(verified.error())) return Existing::damaged;
    if (verified.error().code == Errc::busy) return Existing::in_the_making;
    return std::unexpected(verified.error());
}

// Without damage its messages are those of the name, which are the output's.
Result<bool> is_covered(const io::Directory& directory, const Name& name, std::span<const Item> items) {
    WCMP_ASSIGN(const auto file, directory.open(to_string(name)));
    const auto covers = all_saved_among(*file, name, items);
    if (!covers && (means_damage(covers.error()) || covers.error().code == Errc::io)) return false;
    return covers;
}

}  // namespace wcmp::bundle
