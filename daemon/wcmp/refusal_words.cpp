#include "refusal_words.h"

#include "client/printable.h"

namespace wcmp::program {

std::string refusal_in_words(const std::string& rule) {
    if (rule == "expired") return "dead: their day has come";
    if (rule == "lifetime") return "they live longer than the relay allows";
    if (rule == "too_large") return "they are larger than the relay allows";
    if (rule == "evicted") return "the relay has no room for all, and lets these go";
    if (rule == "import_share") return "the relay is full and takes in a share at a time: try again later";
    if (rule == "store_full") return "the relay has no room for them";
    return client::printable(rule);
}

}  // namespace wcmp::program
