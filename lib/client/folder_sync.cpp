#include "client/folder_sync.h"

#include "client/remote_store.h"
#include "client/unnamed_files.h"
#include "io/posix.h"
#include "message/admission.h"

namespace wcmp::client {
namespace {

constexpr unsigned attempts_max = 4;  // the first, and 3 more

using Counts = std::map<std::string, std::uint64_t>;

void add(Counts& total, const std::string& name, std::uint64_t number) {
    if (number > 0) total[name] += number;
}

void add(Counts& total, const Counts& more) {
    for (const auto& [name, number] : more) add(total, name, number);
}

// What this attempt found; of earlier ones only what they did counts.
void take_over(FolderResult& total, const sync::VisitResult& visit) {
    total.exported += visit.exported;
    total.known = visit.known;
    total.refused.clear();
    for (std::size_t i = 1; i < visit.refused.size(); ++i)
        add(total.refused, std::string(message::rule_name(static_cast<message::Verdict>(i))),
            visit.refused[i]);
    total.invalid.clear();
    for (std::size_t i = 0; i < visit.invalid.size(); ++i)
        add(total.invalid, std::string(to_string(static_cast<Errc>(i))), visit.invalid[i]);
    add(total.invalid, "unreadable", visit.unreadable);
    total.not_exported = visit.not_exported;
    total.damaged = visit.wrong_bundles;
    total.saved = visit.salvaged;
    total.lost = visit.lost;
    total.damaged_left = visit.damaged_left;
    total.export_error = visit.export_error;
}

// The visit counts what was sent; the relay knows what it took.
void take_over(FolderResult& total, const RemoteStore& store, std::uint64_t left_out) {
    const auto& uploaded = store.uploaded();
    total.imported += uploaded.imported;
    total.known += uploaded.known;
    add(total.refused, uploaded.refused);
    add(total.invalid, uploaded.invalid);
    total.scratch_error = store.piece_error();
    if (total.scratch_error)
        total.not_sent = left_out;
    else
        add(total.refused, "store_full", left_out);
    total.relay_full = store.relay_is_full();
}

message::Today today_of(const RelayDay& relay, const OwnClock& clock) {
    message::Today today{.floor = day_of_visit(relay, clock)};
    if (relay.trusted && relay.day == today.floor) today.trusted = relay.day;
    return today;
}

Result<void> visit_once(Relay& relay, io::Directory& drive, const FolderSync& how, Random& random,
                        FolderResult& result) {
    auto holder = io::open_directory(how.scratch);
    if (!holder) {
        result.scratch_error = holder.error();
        return std::unexpected(holder.error());
    }
    WCMP_ASSIGN(const auto now, relay.today());
    WCMP_ASSIGN(const auto limits, relay.limits());
    result.doubt = judge_day(now, how.clock, {}).doubt;
    result.relay_day = now.day;
    const auto today = today_of(now, how.clock);
    RemoteStore store(relay, std::make_unique<UnnamedFiles>(std::move(*holder)));
    // What is sent to a full relay makes it evict, and then bundles vanish that are read here.
    if (result.relay_full) store.set_relay_is_full();
    WCMP_TRY(store.open(today.floor));
    const sync::VisitSettings settings{.admission = {.lifetime_days_max = limits.lifetime_days_max,
                                                     .message_bytes_max = limits.message_bytes_max}};
    sync::Visit visit(store, drive, settings, today, random);
    visit.on_progress = how.on_progress;
    sync::VisitResult visited;
    const auto done = visit.run(visited, how.stop);
    take_over(result, visited);
    take_over(result, store, visited.refused_store_full);
    return done;
}

// A bundle was merged away: the error ended the visit, or only its second half.
bool is_worth_another(const Result<void>& done, const FolderResult& result) {
    if (result.scratch_error) return false;
    if (!done) return done.error().code == Errc::not_found;
    return result.export_error && result.export_error->code == Errc::not_found;
}

}  // namespace

Result<void> sync_folder(Relay& relay, io::Directory& drive, const FolderSync& how, Random& random,
                         FolderResult& result) {
    Result<void> done;
    for (unsigned attempt = 0; attempt < attempts_max; ++attempt) {
        done = visit_once(relay, drive, how, random, result);
        if (!is_worth_another(done, result)) break;
    }
    return done;
}

}  // namespace wcmp::client
