// The one place in lib/api where Boost.JSON, used here as headers, is compiled. Nothing else may stand in
// this file: a program that links another library with such a file takes the definitions from whichever comes
// first, and leaves the other object out as a whole.
#include <boost/json/src.hpp>
