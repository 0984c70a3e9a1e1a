#include "store/check_store.h"

#include "bundle/directory.h"
#include "bundle/verify.h"
#include "store/journal.h"
#include "store/state_file.h"

#include <algorithm>

namespace wcmp::store {
namespace {

// Everything is looked at, whatever its day.
constexpr message::Today beginning_of_days{.floor = Day{0}};
constexpr std::size_t no_limit = 0;

class StoreChecker {
public:
    StoreChecker(const io::Directory& directory, const StoreCheckProgress& progress,
                 const std::stop_token& stop)
        : directory_(directory), progress_(progress), stop_(stop) {}

    Result<StoreCheck> run(Random& random) {
        WCMP_ASSIGN(const auto found, bundle::scan(directory_, beginning_of_days, no_limit, random));
        result_.damaged = found.damaged;
        result_.void_files = found.void_files.size();
        result_.unknown_format = found.unknown_format;
        for (const auto& bundle : found.bundles) result_.bytes += bundle->header().file_bytes;
        for (const auto& bundle : found.bundles) WCMP_TRY(check(bundle));
        for (const auto name : journal_names) check_journal(name);
        check_state();
        std::ranges::sort(result_.damaged);
        return std::move(result_);
    }

private:
    Result<void> check(const std::shared_ptr<const bundle::Reader>& bundle) {
        ++result_.bundles;
        result_.messages += bundle->header().messages;
        const auto tell = [this](std::uint64_t bytes) {
            if (progress_) progress_(done_ + bytes, result_.bytes);
        };
        const auto bad = bundle::count_bad_messages(bundle, tell, stop_);
        done_ += bundle->header().file_bytes;
        tell(0);
        if (bad) {
            result_.bad_messages += *bad;
            if (*bad > 0) result_.damaged.push_back(bundle->name());
            return {};
        }
        if (bad.error().code == Errc::cancelled) return std::unexpected(bad.error());
        if (bad.error().code == Errc::bundle)
            result_.damaged.push_back(bundle->name());
        else
            ++result_.unreadable;
        return {};
    }

    void check_journal(std::string_view name) {
        const auto journal = JournalFile::open_for_reading(directory_, name);
        if (!journal) {
            ++result_.unreadable;
            return;
        }
        if (journal->is_cut_off()) ++result_.unreadable;
        result_.journal_messages += journal->records().size();
    }

    void check_state() {
        if (const auto state = load_state(directory_); !state) result_.state = state.error();
    }

    const io::Directory& directory_;
    const StoreCheckProgress& progress_;
    const std::stop_token& stop_;
    StoreCheck result_;
    std::uint64_t done_ = 0;
};

}  // namespace

Result<StoreCheck> check_store(const io::Directory& directory, Random& random,
                               const StoreCheckProgress& progress, const std::stop_token& stop) {
    return StoreChecker(directory, progress, stop).run(random);
}

}  // namespace wcmp::store
