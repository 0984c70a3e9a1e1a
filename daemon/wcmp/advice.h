// What a person can do about the relay's warnings (lib/api/API.md, "Warnings").
#pragma once

#include <string>

namespace wcmp::program {

// "under_voltage: use a stronger power supply": the code, and what is known about it.
std::string with_advice(const std::string& code);

}  // namespace wcmp::program
