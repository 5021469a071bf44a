; Fused multiply-adds for machines that have neither an instruction nor a library for them. Both are
; rounded once, to nearest, ties to even. "To odd" below: a sum that is not exact gets 1 as its last
; bit, so that rounding it once more, to at least two bits fewer, gives what rounding the exact sum
; would (Boldo and Melquiond, Emulation of FMA and correctly rounded sums, IEEE Trans. Comput. 2008).

; The rounded sum and what it lacks (Knuth).
define internal { double, double } @netc.two_sum(double %a, double %b) {
  %sum = fadd double %a, %b
  %b.there = fsub double %sum, %a
  %a.there = fsub double %sum, %b.there
  %b.lost = fsub double %b, %b.there
  %a.lost = fsub double %a, %a.there
  %lost = fadd double %a.lost, %b.lost
  %half = insertvalue { double, double } poison, double %sum, 0
  %pair = insertvalue { double, double } %half, double %lost, 1
  ret { double, double } %pair
}

; The sum %a, which lacks %lost, rounded to odd if %lost is not 0.
define internal double @netc.to_odd(double %a, double %lost) {
  %bits = bitcast double %a to i64
  %last = and i64 %bits, 1
  %even = icmp eq i64 %last, 0
  %inexact = fcmp one double %lost, 0.0
  %moves = and i1 %even, %inexact
  %lost.bits = bitcast double %lost to i64
  %signs = xor i64 %bits, %lost.bits
  %differ = icmp slt i64 %signs, 0
  %step = select i1 %differ, i64 -1, i64 1
  %moved = add i64 %bits, %step
  %result = select i1 %moves, i64 %moved, i64 %bits
  %odd = bitcast i64 %result to double
  ret double %odd
}

; A product of two f32 is exact as f64.
define float @fmaf(float %a, float %b, float %c) {
  %x = fpext float %a to double
  %y = fpext float %b to double
  %z = fpext float %c to double
  %product = fmul double %x, %y
  %sum = call { double, double } @netc.two_sum(double %product, double %z)
  %high = extractvalue { double, double } %sum, 0
  %lost = extractvalue { double, double } %sum, 1
  %odd = call double @netc.to_odd(double %high, double %lost)
  %result = fptrunc double %odd to float
  ret float %result
}

; A number as its significand, in ±[1, 2), and its exponent; not for 0 and what is not finite.
define internal { double, i64 } @netc.split(double %x) {
  %bits = bitcast double %x to i64
  %shifted = and i64 %bits, 9218868437227405312 ; the exponent's
  %tiny = icmp eq i64 %shifted, 0
  %larger = fmul double %x, 0x4350000000000000 ; 2^54
  %normal = select i1 %tiny, double %larger, double %x
  %less = select i1 %tiny, i64 -1077, i64 -1023
  %normal.bits = bitcast double %normal to i64
  %up = lshr i64 %normal.bits, 52
  %exponent = and i64 %up, 2047
  %true = add i64 %exponent, %less
  %bare = and i64 %normal.bits, -9218868437227405313
  %one = or i64 %bare, 4607182418800017408
  %significand = bitcast i64 %one to double
  %half = insertvalue { double, i64 } poison, double %significand, 0
  %pair = insertvalue { double, i64 } %half, i64 %true, 1
  ret { double, i64 } %pair
}

; 2^n, for n of -1022 … 1023.
define internal double @netc.power(i64 %n) {
  %exponent = add i64 %n, 1023
  %bits = shl i64 %exponent, 52
  %power = bitcast i64 %bits to double
  ret double %power
}

; A significand times 2^n, rounded once.
define internal double @netc.scale(double %significand, i64 %n) {
  %n.0 = call i64 @llvm.smax.i64(i64 %n, i64 -1100)
  %n.1 = call i64 @llvm.smin.i64(i64 %n.0, i64 1100)
  %first.0 = call i64 @llvm.smax.i64(i64 %n.1, i64 -1022)
  %first = call i64 @llvm.smin.i64(i64 %first.0, i64 1023)
  %rest = sub i64 %n.1, %first
  %by.first = call double @netc.power(i64 %first)
  %by.rest = call double @netc.power(i64 %rest)
  %exact = fmul double %significand, %by.first
  %result = fmul double %exact, %by.rest
  ret double %result
}

declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.smin.i64(i64, i64)

; The rounded product of significands and what it lacks (Dekker).
define internal { double, double } @netc.two_product(double %a, double %b) {
  %a.far = fmul double %a, 134217729.0 ; 2^27 + 1
  %a.rest = fsub double %a.far, %a
  %a.high = fsub double %a.far, %a.rest
  %a.low = fsub double %a, %a.high
  %b.far = fmul double %b, 134217729.0
  %b.rest = fsub double %b.far, %b
  %b.high = fsub double %b.far, %b.rest
  %b.low = fsub double %b, %b.high
  %product = fmul double %a, %b
  %hh = fmul double %a.high, %b.high
  %hl = fmul double %a.high, %b.low
  %lh = fmul double %a.low, %b.high
  %ll = fmul double %a.low, %b.low
  %rest.0 = fsub double %hh, %product
  %rest.1 = fadd double %rest.0, %hl
  %rest.2 = fadd double %rest.1, %lh
  %lost = fadd double %rest.2, %ll
  %half = insertvalue { double, double } poison, double %product, 0
  %pair = insertvalue { double, double } %half, double %lost, 1
  ret { double, double } %pair
}

define double @fma(double %a, double %b, double %c) {
entry:
  %product = fmul double %a, %b
  %plain = fadd double %product, %c
  %a.zero = fcmp oeq double %a, 0.0
  %b.zero = fcmp oeq double %b, 0.0
  %ab.zero = or i1 %a.zero, %b.zero
  %a.off = fsub double %a, %a ; 0 if it is finite
  %b.off = fsub double %b, %b
  %ab.off = fadd double %a.off, %b.off
  %ab.wild = fcmp uno double %ab.off, 0.0
  %ab.plain = or i1 %ab.zero, %ab.wild
  br i1 %ab.plain, label %simple, label %look

simple:
  ret double %plain

look:
  %c.zero = fcmp oeq double %c, 0.0
  %c.off = fsub double %c, %c
  %c.wild = fcmp uno double %c.off, 0.0
  br i1 %c.zero, label %alone, label %look.more

alone:
  ret double %product

look.more:
  br i1 %c.wild, label %gives.c, label %split

gives.c:
  ret double %c

split:
  %a.parts = call { double, i64 } @netc.split(double %a)
  %b.parts = call { double, i64 } @netc.split(double %b)
  %c.parts = call { double, i64 } @netc.split(double %c)
  %a.significand = extractvalue { double, i64 } %a.parts, 0
  %b.significand = extractvalue { double, i64 } %b.parts, 0
  %c.significand = extractvalue { double, i64 } %c.parts, 0
  %a.exponent = extractvalue { double, i64 } %a.parts, 1
  %b.exponent = extractvalue { double, i64 } %b.parts, 1
  %c.exponent = extractvalue { double, i64 } %c.parts, 1
  %exponent = add i64 %a.exponent, %b.exponent
  %apart = sub i64 %c.exponent, %exponent
  %far = icmp sgt i64 %apart, 110 ; the product is too small to change c
  br i1 %far, label %gives.c, label %add

add:
  ; What is too small to count but for its sign may as well be 2^-120.
  %small = icmp slt i64 %apart, -120
  %near = select i1 %small, i64 -120, i64 %apart
  %by = call double @netc.power(i64 %near)
  %addend = fmul double %c.significand, %by
  %exact = call { double, double } @netc.two_product(double %a.significand, double %b.significand)
  %high = extractvalue { double, double } %exact, 0
  %low = extractvalue { double, double } %exact, 1
  %sum = call { double, double } @netc.two_sum(double %high, double %addend)
  %sum.high = extractvalue { double, double } %sum, 0
  %sum.low = extractvalue { double, double } %sum, 1
  %tail = call { double, double } @netc.two_sum(double %sum.low, double %low)
  %tail.high = extractvalue { double, double } %tail, 0
  %tail.low = extractvalue { double, double } %tail, 1
  %odd = call double @netc.to_odd(double %tail.high, double %tail.low)
  %whole = call { double, double } @netc.two_sum(double %sum.high, double %odd)
  %rounded = extractvalue { double, double } %whole, 0
  %rest = extractvalue { double, double } %whole, 1
  %none = fcmp oeq double %rounded, 0.0
  br i1 %none, label %zero, label %scale

zero:
  ret double %rounded

scale:
  ; Bits that are lost where the result is below the normal numbers: if more than one, the last that
  ; is kept here tells of the rest; if one, it decides alone, but where the rest breaks a tie.
  %rounded.parts = call { double, i64 } @netc.split(double %rounded)
  %rounded.exponent = extractvalue { double, i64 } %rounded.parts, 1
  %result.exponent = add i64 %rounded.exponent, %exponent
  %lost = sub i64 -1022, %result.exponent
  %normal = icmp sle i64 %lost, 0
  %single = icmp eq i64 %lost, 1
  %bits = bitcast double %rounded to i64
  %last.bit = and i64 %bits, 1
  %last = icmp eq i64 %last.bit, 1
  %inexact = fcmp one double %rest, 0.0
  %wrong = icmp eq i1 %single, %last
  %moves.0 = and i1 %inexact, %wrong
  %kept = xor i1 %normal, true
  %moves = and i1 %moves.0, %kept
  %rest.bits = bitcast double %rest to i64
  %signs = xor i64 %bits, %rest.bits
  %differ = icmp slt i64 %signs, 0
  %step = select i1 %differ, i64 -1, i64 1
  %moved = add i64 %bits, %step
  %chosen.bits = select i1 %moves, i64 %moved, i64 %bits
  %chosen = bitcast i64 %chosen.bits to double
  %parts = call { double, i64 } @netc.split(double %chosen)
  %significand = extractvalue { double, i64 } %parts, 0
  %own = extractvalue { double, i64 } %parts, 1
  %n = add i64 %own, %exponent
  %result = call double @netc.scale(double %significand, i64 %n)
  ret double %result
}
