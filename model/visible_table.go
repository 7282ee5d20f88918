package model

import "unicode"

// These tables extend those of uniseg to the current Unicode version. A test compares the resulting width of every
// character with the renderer's.

// virama lists the signs that join two consonants into one cluster (Indic_Conjunct_Break=Linker).
var virama = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x094d, Hi: 0x094d, Stride: 1}, {Lo: 0x09cd, Hi: 0x09cd, Stride: 1}, {Lo: 0x0acd, Hi: 0x0acd, Stride: 1},
		{Lo: 0x0b4d, Hi: 0x0b4d, Stride: 1},
		{Lo: 0x0c4d, Hi: 0x0c4d, Stride: 1}, {Lo: 0x0d4d, Hi: 0x0d4d, Stride: 1}, {Lo: 0x1039, Hi: 0x1039, Stride: 1},
		{Lo: 0x17d2, Hi: 0x17d2, Stride: 1},
		{Lo: 0x1a60, Hi: 0x1a60, Stride: 1}, {Lo: 0x1b44, Hi: 0x1b44, Stride: 1}, {Lo: 0x1bab, Hi: 0x1bab, Stride: 1},
		{Lo: 0xa9c0, Hi: 0xa9c0, Stride: 1},
		{Lo: 0xaaf6, Hi: 0xaaf6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x10a3f, Hi: 0x10a3f, Stride: 1}, {Lo: 0x11133, Hi: 0x11133, Stride: 1}, {Lo: 0x1193e, Hi: 0x1193e, Stride: 1},
		{Lo: 0x11a47, Hi: 0x11a47, Stride: 1},
		{Lo: 0x11a99, Hi: 0x11a99, Stride: 1}, {Lo: 0x11f42, Hi: 0x11f42, Stride: 1},
	},
}

// consonant lists the letters they join (Indic_Conjunct_Break=Consonant).
var consonant = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0915, Hi: 0x0939, Stride: 1}, {Lo: 0x0958, Hi: 0x095f, Stride: 1}, {Lo: 0x0978, Hi: 0x097f, Stride: 1},
		{Lo: 0x0995, Hi: 0x09a8, Stride: 1},
		{Lo: 0x09aa, Hi: 0x09b0, Stride: 1}, {Lo: 0x09b2, Hi: 0x09b2, Stride: 1}, {Lo: 0x09b6, Hi: 0x09b9, Stride: 1},
		{Lo: 0x09dc, Hi: 0x09dd, Stride: 1},
		{Lo: 0x09df, Hi: 0x09df, Stride: 1}, {Lo: 0x09f0, Hi: 0x09f1, Stride: 1}, {Lo: 0x0a95, Hi: 0x0aa8, Stride: 1},
		{Lo: 0x0aaa, Hi: 0x0ab0, Stride: 1},
		{Lo: 0x0ab2, Hi: 0x0ab3, Stride: 1}, {Lo: 0x0ab5, Hi: 0x0ab9, Stride: 1}, {Lo: 0x0af9, Hi: 0x0af9, Stride: 1},
		{Lo: 0x0b15, Hi: 0x0b28, Stride: 1},
		{Lo: 0x0b2a, Hi: 0x0b30, Stride: 1}, {Lo: 0x0b32, Hi: 0x0b33, Stride: 1}, {Lo: 0x0b35, Hi: 0x0b39, Stride: 1},
		{Lo: 0x0b5c, Hi: 0x0b5d, Stride: 1},
		{Lo: 0x0b5f, Hi: 0x0b5f, Stride: 1}, {Lo: 0x0b71, Hi: 0x0b71, Stride: 1}, {Lo: 0x0c15, Hi: 0x0c28, Stride: 1},
		{Lo: 0x0c2a, Hi: 0x0c39, Stride: 1},
		{Lo: 0x0c58, Hi: 0x0c5a, Stride: 1}, {Lo: 0x0d15, Hi: 0x0d3a, Stride: 1}, {Lo: 0x1000, Hi: 0x102a, Stride: 1},
		{Lo: 0x103f, Hi: 0x103f, Stride: 1},
		{Lo: 0x1050, Hi: 0x1055, Stride: 1}, {Lo: 0x105a, Hi: 0x105d, Stride: 1}, {Lo: 0x1061, Hi: 0x1061, Stride: 1},
		{Lo: 0x1065, Hi: 0x1066, Stride: 1},
		{Lo: 0x106e, Hi: 0x1070, Stride: 1}, {Lo: 0x1075, Hi: 0x1081, Stride: 1}, {Lo: 0x108e, Hi: 0x108e, Stride: 1},
		{Lo: 0x1780, Hi: 0x17b3, Stride: 1},
		{Lo: 0x1a20, Hi: 0x1a54, Stride: 1}, {Lo: 0x1b0b, Hi: 0x1b0c, Stride: 1}, {Lo: 0x1b13, Hi: 0x1b33, Stride: 1},
		{Lo: 0x1b45, Hi: 0x1b4c, Stride: 1},
		{Lo: 0x1b83, Hi: 0x1ba0, Stride: 1}, {Lo: 0x1bae, Hi: 0x1baf, Stride: 1}, {Lo: 0x1bbb, Hi: 0x1bbd, Stride: 1},
		{Lo: 0xa989, Hi: 0xa98b, Stride: 1},
		{Lo: 0xa98f, Hi: 0xa9b2, Stride: 1}, {Lo: 0xa9e0, Hi: 0xa9e4, Stride: 1}, {Lo: 0xa9e7, Hi: 0xa9ef, Stride: 1},
		{Lo: 0xa9fa, Hi: 0xa9fe, Stride: 1},
		{Lo: 0xaa60, Hi: 0xaa6f, Stride: 1}, {Lo: 0xaa71, Hi: 0xaa73, Stride: 1}, {Lo: 0xaa7a, Hi: 0xaa7a, Stride: 1},
		{Lo: 0xaa7e, Hi: 0xaa7f, Stride: 1},
		{Lo: 0xaae0, Hi: 0xaaea, Stride: 1}, {Lo: 0xabc0, Hi: 0xabda, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x10a00, Hi: 0x10a00, Stride: 1}, {Lo: 0x10a10, Hi: 0x10a13, Stride: 1}, {Lo: 0x10a15, Hi: 0x10a17, Stride: 1},
		{Lo: 0x10a19, Hi: 0x10a35, Stride: 1},
		{Lo: 0x11103, Hi: 0x11126, Stride: 1}, {Lo: 0x11144, Hi: 0x11144, Stride: 1}, {Lo: 0x11147, Hi: 0x11147, Stride: 1},
		{Lo: 0x11900, Hi: 0x11906, Stride: 1},
		{Lo: 0x11909, Hi: 0x11909, Stride: 1}, {Lo: 0x1190c, Hi: 0x11913, Stride: 1}, {Lo: 0x11915, Hi: 0x11916, Stride: 1},
		{Lo: 0x11918, Hi: 0x1192f, Stride: 1},
		{Lo: 0x11a00, Hi: 0x11a00, Stride: 1}, {Lo: 0x11a0b, Hi: 0x11a32, Stride: 1}, {Lo: 0x11a50, Hi: 0x11a50, Stride: 1},
		{Lo: 0x11a5c, Hi: 0x11a83, Stride: 1},
		{Lo: 0x11f04, Hi: 0x11f10, Stride: 1}, {Lo: 0x11f12, Hi: 0x11f33, Stride: 1},
	},
}

// extending lists the characters that extend the previous one in current Unicode but not in uniseg's tables.
var extending = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0cc0, Hi: 0x0cc0, Stride: 1}, {Lo: 0x0cc7, Hi: 0x0cc8, Stride: 1}, {Lo: 0x0cca, Hi: 0x0ccb, Stride: 1},
		{Lo: 0x1715, Hi: 0x1715, Stride: 1},
		{Lo: 0x1734, Hi: 0x1734, Stride: 1}, {Lo: 0x1b3b, Hi: 0x1b3d, Stride: 2}, {Lo: 0x1b43, Hi: 0x1b43, Stride: 1},
		{Lo: 0x1baa, Hi: 0x1baa, Stride: 1},
		{Lo: 0x1bf2, Hi: 0x1bf3, Stride: 1}, {Lo: 0xa953, Hi: 0xa953, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x111c0, Hi: 0x111c0, Stride: 1}, {Lo: 0x11235, Hi: 0x11235, Stride: 1}, {Lo: 0x1134d, Hi: 0x1134d, Stride: 1},
		{Lo: 0x116b6, Hi: 0x116b6, Stride: 1},
		{Lo: 0x1193d, Hi: 0x1193d, Stride: 1}, {Lo: 0x11f41, Hi: 0x11f41, Stride: 1}, {Lo: 0x16ff0, Hi: 0x16ff1, Stride: 1},
		{Lo: 0x1d166, Hi: 0x1d166, Stride: 1},
		{Lo: 0x1d16d, Hi: 0x1d16d, Stride: 1},
	},
}

// wide lists the characters that take two cells in current Unicode but not in uniseg's tables.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x2630, Hi: 0x2637, Stride: 1}, {Lo: 0x268a, Hi: 0x268f, Stride: 1}, {Lo: 0x302e, Hi: 0x3030, Stride: 1},
		{Lo: 0x303d, Hi: 0x303d, Stride: 1},
		{Lo: 0x3297, Hi: 0x3299, Stride: 2}, {Lo: 0x4dc0, Hi: 0x4dff, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1d300, Hi: 0x1d356, Stride: 1}, {Lo: 0x1d360, Hi: 0x1d376, Stride: 1}, {Lo: 0x1f202, Hi: 0x1f202, Stride: 1},
		{Lo: 0x1f237, Hi: 0x1f237, Stride: 1},
		{Lo: 0x1f260, Hi: 0x1f265, Stride: 1}, {Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1},
	},
}

// extendedPictographic lists the characters of emoji sequences (Extended_Pictographic).
var extendedPictographic = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00a9, Hi: 0x00a9, Stride: 1}, {Lo: 0x00ae, Hi: 0x00ae, Stride: 1}, {Lo: 0x203c, Hi: 0x203c, Stride: 1},
		{Lo: 0x2049, Hi: 0x2049, Stride: 1},
		{Lo: 0x2122, Hi: 0x2122, Stride: 1}, {Lo: 0x2139, Hi: 0x2139, Stride: 1}, {Lo: 0x2194, Hi: 0x2199, Stride: 1},
		{Lo: 0x21a9, Hi: 0x21aa, Stride: 1},
		{Lo: 0x231a, Hi: 0x231b, Stride: 1}, {Lo: 0x2328, Hi: 0x2328, Stride: 1}, {Lo: 0x23cf, Hi: 0x23cf, Stride: 1},
		{Lo: 0x23e9, Hi: 0x23f3, Stride: 1},
		{Lo: 0x23f8, Hi: 0x23fa, Stride: 1}, {Lo: 0x24c2, Hi: 0x24c2, Stride: 1}, {Lo: 0x25aa, Hi: 0x25ab, Stride: 1},
		{Lo: 0x25b6, Hi: 0x25b6, Stride: 1},
		{Lo: 0x25c0, Hi: 0x25c0, Stride: 1}, {Lo: 0x25fb, Hi: 0x25fe, Stride: 1}, {Lo: 0x2600, Hi: 0x2604, Stride: 1},
		{Lo: 0x260e, Hi: 0x260e, Stride: 1},
		{Lo: 0x2611, Hi: 0x2611, Stride: 1}, {Lo: 0x2614, Hi: 0x2615, Stride: 1}, {Lo: 0x2618, Hi: 0x2618, Stride: 1},
		{Lo: 0x261d, Hi: 0x261d, Stride: 1},
		{Lo: 0x2620, Hi: 0x2620, Stride: 1}, {Lo: 0x2622, Hi: 0x2623, Stride: 1}, {Lo: 0x2626, Hi: 0x2626, Stride: 1},
		{Lo: 0x262a, Hi: 0x262a, Stride: 1},
		{Lo: 0x262e, Hi: 0x262f, Stride: 1}, {Lo: 0x2638, Hi: 0x263a, Stride: 1}, {Lo: 0x2640, Hi: 0x2640, Stride: 1},
		{Lo: 0x2642, Hi: 0x2642, Stride: 1},
		{Lo: 0x2648, Hi: 0x2653, Stride: 1}, {Lo: 0x265f, Hi: 0x2660, Stride: 1}, {Lo: 0x2663, Hi: 0x2663, Stride: 1},
		{Lo: 0x2665, Hi: 0x2666, Stride: 1},
		{Lo: 0x2668, Hi: 0x2668, Stride: 1}, {Lo: 0x267b, Hi: 0x267b, Stride: 1}, {Lo: 0x267e, Hi: 0x267f, Stride: 1},
		{Lo: 0x2692, Hi: 0x2697, Stride: 1},
		{Lo: 0x2699, Hi: 0x2699, Stride: 1}, {Lo: 0x269b, Hi: 0x269c, Stride: 1}, {Lo: 0x26a0, Hi: 0x26a1, Stride: 1},
		{Lo: 0x26a7, Hi: 0x26a7, Stride: 1},
		{Lo: 0x26aa, Hi: 0x26ab, Stride: 1}, {Lo: 0x26b0, Hi: 0x26b1, Stride: 1}, {Lo: 0x26bd, Hi: 0x26be, Stride: 1},
		{Lo: 0x26c4, Hi: 0x26c5, Stride: 1},
		{Lo: 0x26c8, Hi: 0x26c8, Stride: 1}, {Lo: 0x26ce, Hi: 0x26cf, Stride: 1}, {Lo: 0x26d1, Hi: 0x26d1, Stride: 1},
		{Lo: 0x26d3, Hi: 0x26d4, Stride: 1},
		{Lo: 0x26e9, Hi: 0x26ea, Stride: 1}, {Lo: 0x26f0, Hi: 0x26f5, Stride: 1}, {Lo: 0x26f7, Hi: 0x26fa, Stride: 1},
		{Lo: 0x26fd, Hi: 0x26fd, Stride: 1},
		{Lo: 0x2702, Hi: 0x2702, Stride: 1}, {Lo: 0x2705, Hi: 0x2705, Stride: 1}, {Lo: 0x2708, Hi: 0x270d, Stride: 1},
		{Lo: 0x270f, Hi: 0x270f, Stride: 1},
		{Lo: 0x2712, Hi: 0x2712, Stride: 1}, {Lo: 0x2714, Hi: 0x2714, Stride: 1}, {Lo: 0x2716, Hi: 0x2716, Stride: 1},
		{Lo: 0x271d, Hi: 0x271d, Stride: 1},
		{Lo: 0x2721, Hi: 0x2721, Stride: 1}, {Lo: 0x2728, Hi: 0x2728, Stride: 1}, {Lo: 0x2733, Hi: 0x2734, Stride: 1},
		{Lo: 0x2744, Hi: 0x2744, Stride: 1},
		{Lo: 0x2747, Hi: 0x2747, Stride: 1}, {Lo: 0x274c, Hi: 0x274c, Stride: 1}, {Lo: 0x274e, Hi: 0x274e, Stride: 1},
		{Lo: 0x2753, Hi: 0x2755, Stride: 1},
		{Lo: 0x2757, Hi: 0x2757, Stride: 1}, {Lo: 0x2763, Hi: 0x2764, Stride: 1}, {Lo: 0x2795, Hi: 0x2797, Stride: 1},
		{Lo: 0x27a1, Hi: 0x27a1, Stride: 1},
		{Lo: 0x27b0, Hi: 0x27b0, Stride: 1}, {Lo: 0x27bf, Hi: 0x27bf, Stride: 1}, {Lo: 0x2934, Hi: 0x2935, Stride: 1},
		{Lo: 0x2b05, Hi: 0x2b07, Stride: 1},
		{Lo: 0x2b1b, Hi: 0x2b1c, Stride: 1}, {Lo: 0x2b50, Hi: 0x2b50, Stride: 1}, {Lo: 0x2b55, Hi: 0x2b55, Stride: 1},
		{Lo: 0x3030, Hi: 0x3030, Stride: 1},
		{Lo: 0x303d, Hi: 0x303d, Stride: 1}, {Lo: 0x3297, Hi: 0x3297, Stride: 1}, {Lo: 0x3299, Hi: 0x3299, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f004, Hi: 0x1f004, Stride: 1}, {Lo: 0x1f0cf, Hi: 0x1f0cf, Stride: 1}, {Lo: 0x1f170, Hi: 0x1f171, Stride: 1},
		{Lo: 0x1f17e, Hi: 0x1f17f, Stride: 1},
		{Lo: 0x1f18e, Hi: 0x1f18e, Stride: 1}, {Lo: 0x1f191, Hi: 0x1f19a, Stride: 1}, {Lo: 0x1f201, Hi: 0x1f202, Stride: 1},
		{Lo: 0x1f21a, Hi: 0x1f21a, Stride: 1},
		{Lo: 0x1f22f, Hi: 0x1f22f, Stride: 1}, {Lo: 0x1f232, Hi: 0x1f23a, Stride: 1}, {Lo: 0x1f250, Hi: 0x1f251, Stride: 1},
		{Lo: 0x1f300, Hi: 0x1f321, Stride: 1},
		{Lo: 0x1f324, Hi: 0x1f393, Stride: 1}, {Lo: 0x1f396, Hi: 0x1f397, Stride: 1}, {Lo: 0x1f399, Hi: 0x1f39b, Stride: 1},
		{Lo: 0x1f39e, Hi: 0x1f3f0, Stride: 1},
		{Lo: 0x1f3f3, Hi: 0x1f3f5, Stride: 1}, {Lo: 0x1f3f7, Hi: 0x1f3fa, Stride: 1}, {Lo: 0x1f400, Hi: 0x1f4fd, Stride: 1},
		{Lo: 0x1f4ff, Hi: 0x1f53d, Stride: 1},
		{Lo: 0x1f549, Hi: 0x1f54e, Stride: 1}, {Lo: 0x1f550, Hi: 0x1f567, Stride: 1}, {Lo: 0x1f56f, Hi: 0x1f570, Stride: 1},
		{Lo: 0x1f573, Hi: 0x1f57a, Stride: 1},
		{Lo: 0x1f587, Hi: 0x1f587, Stride: 1}, {Lo: 0x1f58a, Hi: 0x1f58d, Stride: 1}, {Lo: 0x1f590, Hi: 0x1f590, Stride: 1},
		{Lo: 0x1f595, Hi: 0x1f596, Stride: 1},
		{Lo: 0x1f5a4, Hi: 0x1f5a5, Stride: 1}, {Lo: 0x1f5a8, Hi: 0x1f5a8, Stride: 1}, {Lo: 0x1f5b1, Hi: 0x1f5b2, Stride: 1},
		{Lo: 0x1f5bc, Hi: 0x1f5bc, Stride: 1},
		{Lo: 0x1f5c2, Hi: 0x1f5c4, Stride: 1}, {Lo: 0x1f5d1, Hi: 0x1f5d3, Stride: 1}, {Lo: 0x1f5dc, Hi: 0x1f5de, Stride: 1},
		{Lo: 0x1f5e1, Hi: 0x1f5e1, Stride: 1},
		{Lo: 0x1f5e3, Hi: 0x1f5e3, Stride: 1}, {Lo: 0x1f5e8, Hi: 0x1f5e8, Stride: 1}, {Lo: 0x1f5ef, Hi: 0x1f5ef, Stride: 1},
		{Lo: 0x1f5f3, Hi: 0x1f5f3, Stride: 1},
		{Lo: 0x1f5fa, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6c5, Stride: 1}, {Lo: 0x1f6cb, Hi: 0x1f6d2, Stride: 1},
		{Lo: 0x1f6d5, Hi: 0x1f6d7, Stride: 1},
		{Lo: 0x1f6dc, Hi: 0x1f6e5, Stride: 1}, {Lo: 0x1f6e9, Hi: 0x1f6e9, Stride: 1}, {Lo: 0x1f6eb, Hi: 0x1f6ec, Stride: 1},
		{Lo: 0x1f6f0, Hi: 0x1f6f0, Stride: 1},
		{Lo: 0x1f6f3, Hi: 0x1f6fc, Stride: 1}, {Lo: 0x1f7e0, Hi: 0x1f7eb, Stride: 1}, {Lo: 0x1f7f0, Hi: 0x1f7f0, Stride: 1},
		{Lo: 0x1f90c, Hi: 0x1f93a, Stride: 1},
		{Lo: 0x1f93c, Hi: 0x1f945, Stride: 1}, {Lo: 0x1f947, Hi: 0x1f9ff, Stride: 1}, {Lo: 0x1fa70, Hi: 0x1fa7c, Stride: 1},
		{Lo: 0x1fa80, Hi: 0x1fa88, Stride: 1},
		{Lo: 0x1fa90, Hi: 0x1fabd, Stride: 1}, {Lo: 0x1fabf, Hi: 0x1fac5, Stride: 1}, {Lo: 0x1face, Hi: 0x1fadb, Stride: 1},
		{Lo: 0x1fae0, Hi: 0x1fae8, Stride: 1},
		{Lo: 0x1faf0, Hi: 0x1faf8, Stride: 1},
	},
}
