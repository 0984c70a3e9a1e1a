#include "bundle/commit.h"

#include "bundle/existing_file.h"
#include "bundle/file_writer.h"
#include "bundle/index_encoder.h"

#include <algorithm>
#include <numeric>

namespace wcmp::bundle {
namespace {

class Commit {
public:
    Commit(io::Directory& directory, std::span<const Item> items, MessageSource& source,
           const CommitOptions& options)
        : directory_(directory), items_(items), source_(source), options_(options) {}

    Result<CommitResult> run() {
        std::vector<std::uint32_t> all(items_.size());
        std::iota(all.begin(), all.end(), 0U);
        WCMP_TRY(commit(all));
        std::ranges::sort(result_.bad);
        return std::move(result_);
    }

private:
    // Commits some of the items under the name that their set has.
    Result<void> commit(std::vector<std::uint32_t> positions) {
        WCMP_ASSIGN(const auto made, outline(items_, positions));
        const Name name = name_of(made.first, made.last, made.header.index_hash);
        WCMP_ASSIGN(const auto existing, look_at(directory_, name, options_.shared, options_.stop));
        switch (existing) {
        case Existing::good: count(name, positions); return {};
        case Existing::in_the_making: result_.skipped = true; return {};
        case Existing::damaged: return replace_damaged(std::move(positions), name, true);
        case Existing::in_the_way: return replace_damaged(std::move(positions), name, false);
        case Existing::unwritten: WCMP_TRY(remove(name)); break;
        case Existing::none: break;
        }
        return write(std::move(positions), made.header, name);
    }

    // A damaged file is an input like others, never in the way: the halves go under names of their own first.
    Result<void> replace_damaged(std::vector<std::uint32_t> positions, const Name& name, bool removable) {
        if (removable) {
            WCMP_ASSIGN(removable, is_covered(directory_, name, items_));
        }
        const auto bad_before = result_.bad.size();
        if (positions.size() == 1) {
            if (!removable) {
                result_.skipped = true;
                return {};
            }
            WCMP_ASSIGN(const bool good, is_good(positions.front()));
            if (!good) return {};
            WCMP_TRY(directory_.unlink(to_string(name)));
            return commit(std::move(positions));
        }
        const auto half = static_cast<std::ptrdiff_t>((positions.size() + 1) / 2);
        const std::vector<std::uint32_t> second(positions.begin() + half, positions.end());
        positions.resize(static_cast<std::size_t>(half));
        WCMP_TRY(commit(std::move(positions)));
        WCMP_TRY(commit(second));
        // What was bad in the source may be good in the damaged file: then it stays, for salvage.
        if (!removable || result_.skipped || result_.bad.size() != bad_before) return {};
        return remove(name);
    }

    // Asked before the damaged file goes: what is bad in the source may be good in it.
    Result<bool> is_good(std::uint32_t position) {
        const auto message = source_.fetch(position, items_[position]);
        if (message) return true;
        if (!is_bad_message(message.error())) return std::unexpected(message.error());
        result_.bad.push_back(position);
        return false;
    }

    Result<void> write(std::vector<std::uint32_t> positions, const Header& header, const Name& name) {
        WCMP_TRY(check_space(header.file_bytes));
        auto file = directory_.create(to_string(name));
        if (!file && (file.error().code == Errc::exists || file.error().code == Errc::busy)) {
            result_.skipped = true;  // another process was faster
            return {};
        }
        if (!file) return std::unexpected(file.error());
        auto written = write_bundle(std::move(*file), header, items_, positions, source_, options_);
        if (!written) {
            // The file is void. Where it cannot be removed now it is found void later.
            std::ignore = directory_.unlink(to_string(name));
            return std::unexpected(written.error());
        }
        result_.bytes_written += written->bytes;
        if (written->first_bad) return write_without_bad(std::move(positions), *written->first_bad, name);
        WCMP_TRY(directory_.sync());
        count(name, positions);
        return {};
    }

    void count(const Name& name, std::span<const std::uint32_t> positions) {
        result_.files.push_back(name);
        if (options_.on_file) options_.on_file(name, positions);
    }

    // The rest is verified without writing, then what was good is written once more.
    Result<void> write_without_bad(std::vector<std::uint32_t> positions, std::size_t first_bad,
                                   const Name& name) {
        WCMP_TRY(remove(name));
        if (rewritten_)
            return fail(Errc::unreliable_medium, "a message was good at first and bad the second time");
        rewritten_ = true;
        std::vector<std::uint32_t> good(positions.begin(),
                                        positions.begin() + static_cast<std::ptrdiff_t>(first_bad));
        result_.bad.push_back(positions[first_bad]);
        for (std::size_t i = first_bad + 1; i < positions.size(); ++i) {
            if (options_.stop.stop_requested()) return fail(Errc::cancelled, "the work was abandoned");
            const auto message = source_.fetch(positions[i], items_[positions[i]]);
            if (!message && !is_bad_message(message.error())) return std::unexpected(message.error());
            if (message)
                good.push_back(positions[i]);
            else
                result_.bad.push_back(positions[i]);
        }
        if (good.empty()) return {};
        WCMP_TRY(commit(std::move(good)));
        rewritten_ = false;
        return {};
    }

    // What it took of the drive is free when the directory has been synced.
    Result<void> remove(const Name& name) {
        WCMP_TRY(directory_.unlink(to_string(name)));
        return directory_.sync();
    }

    Result<void> check_space(std::uint64_t file_bytes) const {
        WCMP_ASSIGN(const auto space, directory_.space());
        if (space.read_only) return fail(Errc::read_only, "the file system is read-only");
        if (space.free_bytes < file_bytes + limits::commit_reserve_bytes)
            return fail(Errc::no_space, "not enough free space for a bundle");
        return {};
    }

    io::Directory& directory_;
    std::span<const Item> items_;
    MessageSource& source_;
    const CommitOptions& options_;
    CommitResult result_;
    bool rewritten_ = false;
};

}  // namespace

Result<CommitResult> commit(io::Directory& directory, std::span<const Item> items, MessageSource& source,
                            const CommitOptions& options) {
    return Commit(directory, items, source, options).run();
}

}  // namespace wcmp::bundle
