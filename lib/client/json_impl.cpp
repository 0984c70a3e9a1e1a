// The one place in lib/client where Boost.JSON, used here as headers, is compiled. Nothing else may stand
// here: a program that links another library with such a file leaves this object out as a whole.
#include <boost/json/src.hpp>
