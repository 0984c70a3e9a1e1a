// Asio is compiled once, here, for every program that watches drives or holds a node.
#include <boost/asio/impl/src.hpp>
