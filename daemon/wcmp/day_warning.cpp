#include "day_warning.h"

#include "client/date.h"

namespace wcmp::program {

std::string day_warning(client::DayDoubt doubt, Day relay_day, Day today) {
    const auto here = client::to_date(today);
    const auto there = client::to_date(relay_day);
    switch (doubt) {
    case client::DayDoubt::none: return {};
    case client::DayDoubt::relay_ahead:
        return "wcmp: the relay says that it is " + there + ", and is not believed: here it is " + here +
               "; set the clock that is wrong\n";
    case client::DayDoubt::clocks_differ:
        return "wcmp: the relay says that it is " + there +
               ", and this machine's clock does not; messages are written as of " + here +
               "; set the clock that is wrong\n";
    case client::DayDoubt::saved_taken_back:
        return "wcmp: the home had been told a day that has not come yet; it is taken back, and here it is " +
               here + "\n";
    }
    return {};
}

}  // namespace wcmp::program
