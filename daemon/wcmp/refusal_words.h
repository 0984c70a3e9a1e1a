// Why a relay did not take messages, for people.
#pragma once

#include <string>

namespace wcmp::program {

// A rule by the name that the relay gives it; one that is not known stands for itself.
std::string refusal_in_words(const std::string& rule);

}  // namespace wcmp::program
