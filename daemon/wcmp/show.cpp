#include "show.h"

#include "client/date.h"
#include "client/printable.h"
#include "core/hex.h"

#include <array>
#include <iostream>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::program {

namespace json = boost::json;

void print(const json::value& value) {
    std::cout << json::serialize(value) << '\n';
}

std::string column(std::string_view text, std::size_t width) {
    auto shown = client::printable(text);
    std::size_t characters = 0;
    for (const char c : shown)
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++characters;
    if (characters < width) shown.append(width - characters, ' ');
    return shown;
}

std::string people_of(const client::Letter& letter) {
    if (letter.contacts.empty())
        return letter.kind == client::LetterKind::received ? "unauthenticated" : "nobody";
    std::string text;
    for (const auto& name : letter.contacts) text += (text.empty() ? "" : ", ") + client::printable(name);
    return text;
}

std::string damaged_letter(std::uint32_t number) {
    const auto shown = std::to_string(number);
    return "letter " + shown +
           ", which you sent: the relay lost it, and its file is damaged or missing, so " +
           "that it cannot be sent again; `wcmp delete " + shown + "` forgets it\n";
}

std::string line_of(const client::Letter& letter) {
    const bool received = letter.kind == client::LetterKind::received;
    const char* const mark = received && !letter.read ? "*" : " ";
    return column(std::to_string(letter.number), 5) + mark + (received ? " from " : " to   ") +
           column(people_of(letter), 24) + ' ' + column(size_text(letter.content_bytes), 9) + " until " +
           client::to_date(letter.expires);
}

json::object to_json(const client::Letter& letter) {
    const bool received = letter.kind == client::LetterKind::received;
    json::object object{{"number", letter.number == 0 ? json::value(nullptr) : json::value(letter.number)},
                        {"kind", received ? "received" : "sent"},
                        {"id", to_hex(letter.id.view())},
                        {"expires", client::to_date(letter.expires)},
                        {"bytes", letter.content_bytes},
                        {"key", letter.own_key}};
    if (received) {
        object["authenticated"] = !letter.contacts.empty();
        object["from"] =
            letter.contacts.empty() ? json::value(nullptr) : json::value(letter.contacts.front());
        object["read"] = letter.read;
    } else {
        object["to"] = json::array(letter.contacts.begin(), letter.contacts.end());
    }
    return object;
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> units = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes * 10;
    while (tenths >= 10'000 && unit + 1 < units.size()) {
        tenths /= 1000;
        ++unit;
    }
    auto text = std::to_string(tenths / 10);
    if (unit > 0) text += "." + std::to_string(tenths % 10);
    return text + " " + units[unit];
}

}  // namespace wcmp::program
