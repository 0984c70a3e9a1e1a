#include "client/folder_sync.h"

#include "client/remote_store.h"
#include "io/posix.h"

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace wcmp::client {
namespace {

constexpr unsigned attempts_max = 4;  // the first, and 3 more

// A folder for pieces, gone at the end.
class Scratch {
public:
    static Result<Scratch> make(const std::filesystem::path& parent) {
        auto pattern = (parent / "wcmp-sync-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            return std::unexpected(error_from_errno("cannot make a temporary folder", errno));
        return Scratch(pattern);
    }
    Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Scratch& operator=(Scratch&&) = delete;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }

private:
    explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

void add(sync::VisitResult& total, const sync::VisitResult& more) {
    total.imported += more.imported;
    total.exported += more.exported;
    total.imported_bytes += more.imported_bytes;
    total.exported_bytes += more.exported_bytes;
    total.bytes_written_store += more.bytes_written_store;
    total.bytes_written_drive += more.bytes_written_drive;
}

// One visit, with what earlier ones did counted in.
Result<void> visit_once(Relay& relay, io::Directory& drive, const FolderSync& how, Random& random,
                        const std::filesystem::path& scratch, sync::VisitResult& result) {
    WCMP_ASSIGN(auto pieces, io::open_directory(scratch));
    WCMP_ASSIGN(const auto now, relay.today());
    RemoteStore store(relay, std::move(pieces));
    WCMP_TRY(store.open(now.day));
    message::Today today{.floor = now.day};
    if (now.trusted) today.trusted = now.day;
    const auto before = std::exchange(result, {});
    sync::Visit visit(store, drive, {}, today, random);
    visit.on_progress = how.on_progress;
    const auto done = visit.run(result, how.stop);
    add(result, before);
    return done;
}

// A bundle was merged away: the error ended the visit, or only its second half.
bool is_worth_another(const Result<void>& done, const sync::VisitResult& result) {
    if (!done) return done.error().code == Errc::not_found;
    return result.export_error && result.export_error->code == Errc::not_found;
}

}  // namespace

Result<void> sync_folder(Relay& relay, io::Directory& drive, const FolderSync& how, Random& random,
                         sync::VisitResult& result) {
    WCMP_ASSIGN(const auto scratch, Scratch::make(how.scratch));
    Result<void> done;
    for (unsigned attempt = 0; attempt < attempts_max; ++attempt) {
        done = visit_once(relay, drive, how, random, scratch.path(), result);
        if (!is_worth_another(done, result)) break;
    }
    return done;
}

}  // namespace wcmp::client
