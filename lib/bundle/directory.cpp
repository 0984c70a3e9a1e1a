#include "bundle/directory.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::bundle {
namespace {

constexpr std::size_t opened_at_once = 64;  // of the store; a drive is read one by one

bool is_dead(const Name& name, const message::Today& today) {
    if (name.last <= today.floor) return true;
    if (!today.trusted) return false;
    return name.first.number > std::uint64_t{today.trusted->number} + limits::horizon_days;
}

// A uniformly random choice of `limit` names out of a stream of any length (reservoir sampling).
class Choice {
public:
    Choice(std::size_t limit, Random& random) : limit_(limit), random_(random) {}

    Result<void> add(const Name& name) {
        ++seen_;
        if (limit_ == 0 || chosen_.size() < limit_) {
            chosen_.push_back(name);
            return {};
        }
        WCMP_ASSIGN(const std::uint64_t place, uniform(random_, seen_));
        if (place < limit_) chosen_[static_cast<std::size_t>(place)] = name;
        return {};
    }

    const std::vector<Name>& chosen() const { return chosen_; }
    std::size_t left_out() const { return seen_ - chosen_.size(); }

private:
    std::size_t limit_;
    Random& random_;
    std::size_t seen_ = 0;
    std::vector<Name> chosen_;
};

Result<void> list_names(const io::Directory& directory, const message::Today& today, Choice& live,
                        Choice& dead, DirectoryScan& scan) {
    Result<void> chosen{};
    WCMP_TRY(directory.list([&](std::string_view text) {
        const auto name = parse_name(text);
        if (!name) {
            ++scan.foreign;
        } else if (chosen) {
            chosen = (is_dead(*name, today) ? dead : live).add(*name);
        }
    }));
    return chosen;
}

Result<void> add(std::unique_ptr<io::ReadableFile> file, const Name& name, IndexAccess access,
                 DirectoryScan& scan) {
    WCMP_ASSIGN(auto reader, Reader::open(std::move(file), name));
    if (access == IndexAccess::mapped) WCMP_TRY(reader->map_index());
    scan.bundles.push_back(std::move(reader));
    return {};
}

// A header that fits its file: under a name or a day table that is not its own, unless another process has
// finished the bundle since we looked first.
Result<void> add_or_damaged(std::unique_ptr<io::ReadableFile> file, const Name& name, IndexAccess access,
                            DirectoryScan& scan) {
    const auto added = add(std::move(file), name, access, scan);
    if (added || added.error().code != Errc::bundle) return added;
    scan.damaged.push_back(name);
    return {};
}

// What a file is that holds no sound bundle. Rare, so it is opened once more.
Result<void> sort_out(const io::Directory& directory, const Name& name, IndexAccess access,
                      DirectoryScan& scan) {
    WCMP_ASSIGN(auto file, directory.open(to_string(name)));
    WCMP_ASSIGN(const io::FileStatus status, file->status());
    std::array<std::uint8_t, limits::bundle_header_bytes> buffer;
    WCMP_ASSIGN(const std::size_t got, file->read_at(0, buffer));
    switch (classify_header(ByteView(buffer).first(got), status.size)) {
    case HeaderKind::void_file: scan.void_files.push_back(name); return {};
    case HeaderKind::unknown_format: ++scan.unknown_format; return {};
    case HeaderKind::valid: return add_or_damaged(std::move(file), name, access, scan);
    case HeaderKind::damaged: scan.damaged.push_back(name); return {};
    }
    return fail(Errc::internal, "a kind of header that does not exist");
}

using Opened = Result<std::unique_ptr<io::ReadableFile>>;

Result<void> take(const io::Directory& directory, Opened file, const Name& name, IndexAccess access,
                  DirectoryScan& scan) {
    if (!file) return std::unexpected(file.error());
    const auto added = add(std::move(*file), name, access, scan);
    if (added || added.error().code != Errc::bundle) return added;
    return sort_out(directory, name, access, scan);
}

// Some files of the store that are read one after another soon: a disk gives them at once faster than in
// turns.
std::vector<Opened> open_some(const io::Directory& directory, std::span<const Name> names,
                              IndexAccess access) {
    std::vector<Opened> files;
    files.reserve(names.size());
    for (const auto& name : names) {
        files.push_back(directory.open(to_string(name)));
        if (files.back() && access == IndexAccess::mapped) (*files.back())->will_read(0, first_read_bytes);
    }
    return files;
}

// Dead by its name. It goes unread, so header and day table must say the same; else it is sorted out like any
// other that is not what its name says.
Result<void> take_dead(const io::Directory& directory, const Name& name, IndexAccess access,
                       DirectoryScan& scan) {
    WCMP_ASSIGN(auto file, directory.open(to_string(name)));
    const auto reader = Reader::open(std::move(file), name);
    if (!reader && reader.error().code != Errc::bundle) return std::unexpected(reader.error());
    if (!reader) return sort_out(directory, name, access, scan);
    scan.dead.push_back(name);
    return {};
}

// Whether one file's error leaves the others readable; any other is the directory's or the process's.
Result<void> excuse(const Error& error, const Name& name, DirectoryScan& scan) {
    switch (error.code) {
    case Errc::not_found: return {};  // it went while we looked
    case Errc::not_regular: ++scan.foreign; return {};
    case Errc::denied: scan.damaged.push_back(name); return {};
    case Errc::io:
        if (error.os_error == ESTALE) return {};  // it went, on another machine
        if (error.os_error != EIO) break;
        scan.damaged.push_back(name);
        return {};
    default: break;
    }
    return std::unexpected(error);
}

Result<void> take_all(const io::Directory& directory, std::span<const Name> names, IndexAccess access,
                      DirectoryScan& scan) {
    while (!names.empty()) {
        const auto at_once = access == IndexAccess::mapped ? opened_at_once : 1;
        const auto some = names.first(std::min(at_once, names.size()));
        auto files = open_some(directory, some, access);
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (auto taken = take(directory, std::move(files[i]), some[i], access, scan); !taken)
                WCMP_TRY(excuse(taken.error(), some[i], scan));
        }
        names = names.subspan(some.size());
    }
    return {};
}

}  // namespace

Result<DirectoryScan> scan(const io::Directory& directory, const message::Today& today, std::size_t limit,
                           Random& random, IndexAccess access) {
    DirectoryScan result;
    Choice live(limit, random);
    Choice dead(limit, random);
    WCMP_TRY(list_names(directory, today, live, dead, result));
    result.left_out = live.left_out();
    for (const auto& name : dead.chosen()) {
        if (auto taken = take_dead(directory, name, access, result); !taken)
            WCMP_TRY(excuse(taken.error(), name, result));
    }
    WCMP_TRY(take_all(directory, live.chosen(), access, result));
    return result;
}

}  // namespace wcmp::bundle
