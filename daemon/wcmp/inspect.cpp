// wcmp inspect: what anybody can see of a message or a bundle, without keys.
#include "bundle/reader.h"
#include "bundle/verify.h"
#include "client/date.h"
#include "command.h"
#include "core/hex.h"
#include "exit_codes.h"
#include "io/posix.h"
#include "message/identify.h"
#include "message/layout.h"
#include "message/relay_check.h"
#include "show.h"

#include <iostream>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::program {
namespace {

namespace json = boost::json;

// For people: one line a member.
void show(const Session& session, const json::object& facts) {
    if (session.options.json) {
        print(facts);
        return;
    }
    for (const auto& member : facts) {
        const auto* const string = member.value().if_string();
        std::cout << column({member.key().data(), member.key().size()}, 14) << ' '
                  << (string != nullptr ? std::string(string->begin(), string->end())
                                        : json::serialize(member.value()))
                  << '\n';
    }
}

// Relays carry messages of suites to come, so any bytes may be one: nothing can be said of them.
Done inspect_unknown(const Session& session, const std::string& path, ByteView bytes, std::uint8_t suite) {
    show(session, {{"what", "unknown"},
                   {"suite", suite},
                   {"bytes", bytes.size()},
                   {"id", to_hex(message::message_id(bytes).view())},
                   {"well_formed", nullptr}});
    return refuse(exit_data, path + ": no message, or of a suite this version does not know");
}

Done inspect_message(const Session& session, const std::string& path, ByteView bytes) {
    WCMP_ASSIGN(const auto header, at(path, message::parse_header(bytes)));
    if (header.suite != message::suite_1) return inspect_unknown(session, path, bytes, header.suite);
    const auto structure = message::check_structure(bytes);
    json::object facts{{"what", "message"},
                       {"suite", header.suite},
                       {"bytes", bytes.size()},
                       {"id", to_hex(message::message_id(bytes).view())},
                       {"expires", client::to_date(header.expires)}};
    if (structure) {
        facts["body_bytes"] = std::uint64_t{1} << header.body_exp;
        facts["slots"] = std::uint64_t{1} << header.slot_exp;
        facts["digest"] = to_hex(message::Identifier().identify(bytes).digest.view());
    }
    facts["well_formed"] = structure.has_value();
    show(session, facts);
    WCMP_TRY(at(path, structure));
    return 0;
}

Done inspect_bundle(const Session& session, const std::string& path, std::unique_ptr<io::ReadableFile> file) {
    WCMP_ASSIGN(const auto reader, at(path, bundle::Reader::open(std::move(file), std::nullopt)));
    json::array days;
    for (const auto& day : reader->days())
        days.push_back(json::object{{"expires", client::to_date(day.day)}, {"messages", day.count}});
    const auto sound = bundle::verify_all(reader);
    show(session, {{"what", "bundle"},
                   {"name", bundle::to_string(reader->name())},
                   {"bytes", reader->header().file_bytes},
                   {"messages", reader->header().messages},
                   {"days", std::move(days)},
                   {"sound", sound.has_value()}});
    WCMP_TRY(at(path, sound));
    return 0;
}

Done inspect(const Session& session, const std::string& path) {
    std::error_code ignored;
    if (path.empty()) return refuse(exit_usage, "FILE is empty: name a sealed message or a bundle");
    if (std::filesystem::is_directory(path, ignored))
        return refuse(exit_nothing, path + ": this is a folder; name a sealed message or a bundle");
    const std::filesystem::path whole(path);
    const auto parent = whole.parent_path();
    WCMP_ASSIGN(const auto directory, at(path, io::open_directory(parent.empty() ? "." : parent)));
    WCMP_ASSIGN(auto file, at(path, directory->open(whole.filename().string())));
    WCMP_ASSIGN(const auto status, at(path, file->status()));
    Bytes start(std::min<std::uint64_t>(status.size, limits::bundle_header_bytes));
    WCMP_TRY(at(path, io::read_exactly(*file, 0, start)));
    const auto kind = bundle::classify_header(start, status.size);
    if (kind == bundle::HeaderKind::valid || kind == bundle::HeaderKind::damaged)
        return inspect_bundle(session, path, std::move(file));
    if (status.size > limits::message_bytes_max)
        return refuse(exit_data, path + ": neither a message nor a bundle");
    Bytes message(static_cast<std::size_t>(status.size));
    WCMP_TRY(at(path, io::read_exactly(*file, 0, message)));
    return inspect_message(session, path, message);
}

}  // namespace

void declare_inspect(Command app, Session& session, Run& run) {
    auto command = app.add_subcommand("inspect", "what anybody can see of a message or a bundle");
    const auto path = std::make_shared<std::string>();
    command.add_option("FILE", *path, "a sealed message, or a bundle from a drive").required();
    command.callback([&session, &run, path] { run = [&session, path] { return inspect(session, *path); }; });
}

}  // namespace wcmp::program
