#include "drive_lines.h"

#include "json_fields.h"
#include "show.h"

#include <array>
#include <utility>

namespace wcmp::program {

std::string_view what_to_do(std::string_view state, std::string_view kind) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> words{{
        {"busy", "do not remove it"},
        {"done", "take it"},
        {"unprepared", "`wcmp drive init DIR` prepares it"},
        {"unsupported", "its file system is not used here; vfat and exfat are"},
        {"encrypted", "it is locked, and nobody here has the key"},
        {"empty", "there is nothing in it"},
    }};
    const bool is_taken_out = kind != "directory";
    for (const auto& [known, what] : words)
        if (known == state && (is_taken_out || state == "unprepared")) return what;
    return {};
}

// What a person need not know is left out.
std::string counts_text(const boost::json::value& result) {
    const auto count = [&](std::string_view name) { return std::to_string(number(result, {name})); };
    auto text = "took " + count("imported") + ", gave " + count("exported");
    if (number(result, {"not_exported"}) > 0) text += ", no room for " + count("not_exported");
    if (number(result, {"displaced"}) > 0)
        text += ", " + count("displaced") + " made room and are held by the relay";
    if (number(result, {"damaged"}) > 0)
        text += ", " + count("damaged") + " damaged bundles: saved " + count("saved") + " messages, lost " +
                count("lost");
    return text;
}

namespace {

std::string progress_text(const boost::json::value& drive) {
    const auto phase = text(drive, {"progress", "phase"});
    if (phase == "-" || phase.empty()) return {};
    const auto total = number(drive, {"progress", "total_bytes"});
    if (total == 0) return ": " + phase;
    return ": " + phase + " " + size_text(number(drive, {"progress", "done_bytes"})) + " of " +
           size_text(total);
}

}  // namespace

std::string line_of_drive(const boost::json::value& drive) {
    const auto state = text(drive, {"state"});
    auto line = column(text(drive, {"id"}), 6) + ' ' + column(text(drive, {"kind"}), 10) + ' ' +
                column(text(drive, {"filesystem"}), 8) + ' ' + column(state, 11);
    const auto words = what_to_do(state, text(drive, {"kind"}));
    if (!words.empty()) line += ' ' + std::string(words);
    if (state == "busy") return line + progress_text(drive);
    const auto* const result = find(drive, {"result"});
    if (result != nullptr) line += (words.empty() ? " " : ": ") + counts_text(*result);
    if (const auto why = text(drive, {"result", "error", "detail"}); why != "-") line += ": " + why;
    return line;
}

}  // namespace wcmp::program
