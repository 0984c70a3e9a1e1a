#include "client/profile.h"

#include "client/printable.h"

#include <algorithm>

namespace wcmp::client {

const OwnKey* Profile::find_key(std::string_view name) const {
    const auto found = std::ranges::find(keys, name, &OwnKey::name);
    return found == keys.end() ? nullptr : &*found;
}

const Contact* Profile::find_contact(std::string_view name) const {
    const auto found = std::ranges::find(contacts, name, &Contact::name);
    return found == contacts.end() ? nullptr : &*found;
}

const Contact* Profile::find_contact(const message::PublicKey& key) const {
    const auto found = std::ranges::find(contacts, key, &Contact::key);
    return found == contacts.end() ? nullptr : &*found;
}

Letter* Profile::find_letter(std::uint32_t number) {
    const auto found = std::ranges::find(letters, number, &Letter::number);
    return found == letters.end() ? nullptr : &*found;
}

Result<void> check_name(std::string_view name) {
    constexpr std::size_t name_characters_max = 64;
    if (!is_utf8(name)) return fail(Errc::invalid, "the name is not UTF-8");
    if (name.empty() || utf8_characters(name) > name_characters_max)
        return fail(Errc::invalid, "a name has 1 to 64 characters");
    if (name.front() == ' ' || name.back() == ' ')
        return fail(Errc::invalid, "a name does not start or end with a space");
    if (printable(name) != name || name.find('\t') != std::string_view::npos)
        return fail(Errc::invalid, "a name has no control characters");
    return {};
}

}  // namespace wcmp::client
