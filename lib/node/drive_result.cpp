#include "node/drive_result.h"

#include "message/admission.h"
#include "node/refusals.h"

#include <array>
#include <utility>

namespace wcmp::node {

std::string_view phase_name(sync::Phase phase) {
    switch (phase) {
    case sync::Phase::reading: return "reading";
    case sync::Phase::checking: return "checking";
    case sync::Phase::importing: return "importing";
    case sync::Phase::exporting: return "exporting";
    case sync::Phase::releasing: return "releasing";
    case sync::Phase::tidying: return "tidying";
    }
    return "";
}

std::vector<Counted> refused_counts(const sync::VisitResult& result) {
    std::vector<Counted> counts;
    for (std::size_t i = 1; i < result.refused.size(); ++i)
        count(counts, message::rule_name(static_cast<message::Verdict>(i)), result.refused[i]);
    count(counts, "import_share", result.refused_import_share);
    count(counts, "store_full", result.refused_store_full);
    return counts;
}

std::vector<Counted> invalid_counts(const sync::VisitResult& result) {
    std::vector<Counted> counts;
    for (std::size_t i = 0; i < result.invalid.size(); ++i)
        count(counts, to_string(static_cast<Errc>(i)), result.invalid[i]);
    count(counts, "unreadable", result.unreadable);
    return counts;
}

std::string_view drive_error_text(Errc code) {
    static constexpr std::pair<Errc, std::string_view> texts[] = {
        {Errc::no_space, "the drive is full; not everything could be written to it"},
        {Errc::read_only, "the drive is write-protected; it was read, nothing was written to it"},
        {Errc::denied, "the daemon may not read or write this drive; check the permissions"},
        {Errc::not_found, "something on the drive went away during the visit"},
        {Errc::not_regular, "what stands where the folder should be is a link or a file"},
        {Errc::exists, "what stands where the folder should be is a link or a file"},
        {Errc::busy, "another program holds the drive"},
        {Errc::unsupported, "the relay's kernel cannot read the drive's file system; install its module"},
        {Errc::unreliable_medium, "the drive gives different bytes at each reading; replace it"},
        {Errc::store_failing, "the disk of the relay fails; nothing could be taken in"},
        {Errc::cancelled, "the visit was ended early; what had been copied counts"},
        {Errc::io, "the drive cannot be read or written; it may be damaged, or was pulled out"},
        {Errc::bundle, "files on the drive are damaged and could not be used"},
        {Errc::wrong_hash, "files on the drive are damaged and could not be used"},
        {Errc::truncated, "files on the drive are damaged and could not be used"},
    };
    for (const auto& [listed, text] : texts)
        if (listed == code) return text;
    return "the visit could not be completed";
}

DriveInfo::Result drive_result(const sync::VisitResult& result, const std::optional<Error>& error) {
    DriveInfo::Result out;
    out.imported = result.imported;
    out.exported = result.exported;
    out.known = result.known;
    out.refused = refused_counts(result);
    out.invalid = invalid_counts(result);
    out.not_exported = result.not_exported;
    out.displaced = result.displaced;
    out.damaged = result.wrong_bundles;
    out.saved = result.salvaged;
    out.lost = result.lost;
    out.damaged_left = result.damaged_left;
    if (const auto& shown = error ? error : result.export_error; shown) {
        out.error_code = to_string(shown->code);
        out.error_detail = drive_error_text(shown->code);
    }
    return out;
}

void say(DriveInfo::Result& result, Ending ending) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, ending_count> texts{{
        {"visit_seconds_max", "the drive is too slow; what had been copied counts, the next visit goes on"},
        {"visit_bytes_max", "the visit read and wrote as much as it may; what had been copied counts"},
        {"not_answering", "the drive does not answer; take it out and put it in again"},
        {"not_answering",
         "the directory does not answer; see whether the disk or the server behind it works"},
        {"still_in_use", "another program still uses the drive; close it there before taking the drive out"},
    }};
    const auto& [code, detail] = texts[static_cast<std::size_t>(ending)];
    result.error_code = code;
    result.error_detail = detail;
}

void append_counts(EventText& event, const DriveInfo::Result& result) {
    event.number("imported", result.imported)
        .number("exported", result.exported)
        .number("known", result.known)
        .counts("refused", result.refused)
        .counts("invalid", result.invalid)
        .number("not_exported", result.not_exported)
        .number("displaced", result.displaced)
        .number("damaged", result.damaged)
        .number("saved", result.saved)
        .number("lost", result.lost)
        .number("damaged_left", result.damaged_left);
}

}  // namespace wcmp::node
