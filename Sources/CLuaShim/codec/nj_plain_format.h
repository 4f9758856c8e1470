/// Private to the shim: the bytes of plain data.
///
/// One version byte, then one value. A value is a tag byte and what the tag calls for; lengths and counts are
/// little-endian base-128 numbers ("varints"), integers zigzag varints, floats eight bytes little-endian.
/// A table: how many elements 1..n, how many further members, the elements, then key and value of each member.
/// The format never leaves one host: a reload, a message between packages, a connection's stored data. It may change with
/// the version byte.
#ifndef NJ_PLAIN_FORMAT_H
#define NJ_PLAIN_FORMAT_H

enum {
    NJ_PLAIN_VERSION = 0x4E,

    NJ_P_NIL = 0,
    NJ_P_FALSE = 1,
    NJ_P_TRUE = 2,
    NJ_P_INTEGER = 3,
    NJ_P_FLOAT = 4,
    NJ_P_STRING = 5,
    NJ_P_TABLE = 6,
    NJ_P_ARRAY = 7,  ///< a table with the JSON array mark
    NJ_P_NULL = 8,   ///< JSON null
    NJ_P_RAW = 9,    ///< raw JSON: length, text

    NJ_P_SHORT = 0x40,  ///< 0x40 ... 0x7F: string of 0 ... 63 bytes
    NJ_P_SMALL = 0x80   ///< 0x80 ... 0xFF: integer 0 ... 127
};

#endif
