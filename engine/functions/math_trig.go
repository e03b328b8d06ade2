package functions

import "math"

// sin, cos and tan to the last digit of Java's StrictMath: the argument is brought to [-π/4, π/4] as the sum of two
// doubles, and a polynomial gives the rest. Beyond 2^19·π/2 Go's own reduction does.

const (
	quarterHigh, quarterLow = 7.85398163397448278999e-01, 3.06161699786838301793e-17
	halfHigh, halfHighTail  = 1.57079632673412561417e+00, 6.07710050650619224932e-11
	halfMid, halfMidTail    = 6.07710050630396597660e-11, 2.02226624879595063154e-21
)

// reduce gives x − n·π/2 as hi + lo, and n modulo 4.
func reduce(x float64) (hi, lo float64, n int) {
	a := math.Abs(x)
	if a <= math.Pi/4 {
		return x, 0, 0
	}
	k := float64(int(a*(2/math.Pi) + 0.5))
	r, w := a-float64(k*halfHigh), float64(k*halfHighTail)
	hi = r - w
	if exponentOf(a)-exponentOf(hi) > 16 {
		t := r
		w = float64(k * halfMid)
		r = t - w
		w = float64(k*halfMidTail) - ((t - r) - w)
		hi = r - w
	}
	lo, n = (r-hi)-w, int(k)&3
	if x < 0 {
		return -hi, -lo, -n & 3
	}
	return hi, lo, n
}

func exponentOf(v float64) int { return int(math.Float64bits(v)>>52) & 0x7ff }

// plain says that an argument needs no care: it is small, not finite or too large.
func plain(x float64) bool { return !(math.Abs(x) < 1<<19*math.Pi/2) || math.Abs(x) < 1.0/(1<<26) }

func sine(x float64) float64 {
	if plain(x) {
		return math.Sin(x)
	}
	hi, lo, n := reduce(x)
	return turned(hi, lo, n)
}

func cosine(x float64) float64 {
	if plain(x) {
		return math.Cos(x)
	}
	hi, lo, n := reduce(x)
	return turned(hi, lo, n+1)
}

// turned is the sine after n quarter turns.
func turned(hi, lo float64, n int) float64 {
	switch n & 3 {
	case 0:
		return sinePolynomial(hi, lo)
	case 1:
		return cosinePolynomial(hi, lo)
	case 2:
		return -sinePolynomial(hi, lo)
	}
	return -cosinePolynomial(hi, lo)
}

func sinePolynomial(x, y float64) float64 {
	const (
		s1, s2 = -1.66666666666666324348e-01, 8.33333333332248946124e-03
		s3, s4 = -1.98412698298579493134e-04, 2.75573137070700676789e-06
		s5, s6 = -2.50507602534068634195e-08, 1.58969099521155010221e-10
	)
	z := float64(x * x)
	v := float64(z * x)
	r := s2 + float64(z*(s3+float64(z*(s4+float64(z*(s5+float64(z*s6)))))))
	if y == 0 {
		return x + float64(v*(s1+float64(z*r)))
	}
	return x - ((float64(z*(float64(0.5*y)-float64(v*r))) - y) - float64(v*s1))
}

func cosinePolynomial(x, y float64) float64 {
	const (
		c1, c2 = 4.16666666666666019037e-02, -1.38888888888741095749e-03
		c3, c4 = 2.48015872894767294178e-05, -2.75573143513906633035e-07
		c5, c6 = 2.08757232129817482790e-09, -1.13596475577881948265e-11
	)
	a, z := math.Abs(x), float64(x*x)
	r := float64(z * (c1 + float64(z*(c2+float64(z*(c3+float64(z*(c4+float64(z*(c5+float64(z*c6)))))))))))
	if a < 0.3 {
		return 1 - (float64(0.5*z) - (float64(z*r) - float64(x*y)))
	}
	q := 0.28125
	if a <= 0.78125 {
		q = math.Float64frombits((math.Float64bits(a)>>32 - 0x00200000) << 32)
	}
	return (1 - q) - ((float64(0.5*z) - q) - (float64(z*r) - float64(x*y)))
}

func tangent(x float64) float64 {
	if plain(x) {
		return math.Tan(x)
	}
	hi, lo, n := reduce(x)
	return tangentPolynomial(hi, lo, n&1 == 1)
}

// tangentPolynomial is the tangent, or with inverse its negative reciprocal.
func tangentPolynomial(x, y float64, inverse bool) float64 {
	const (
		t0, t1, t2   = 3.33333333333334091986e-01, 1.33333333333201242699e-01, 5.39682539762260521377e-02
		t3, t4, t5   = 2.18694882948595424599e-02, 8.86323982359930005737e-03, 3.59207910759131235356e-03
		t6, t7, t8   = 1.45620945432529025516e-03, 5.88041240820264096874e-04, 2.46463134818469906812e-04
		t9, t10, t11 = 7.81794442939557092300e-05, 7.14072491382608190305e-05, -1.85586374855275456654e-05
		t12          = 2.59073051863633712884e-05
	)
	sign, large := math.Copysign(1, x), math.Abs(x) >= 0.6744
	if large {
		if x < 0 {
			x, y = -x, -y
		}
		x, y = (quarterHigh-x)+(quarterLow-y), 0
	}
	z := float64(x * x)
	w := float64(z * z)
	r := t1 + float64(w*(t3+float64(w*(t5+float64(w*(t7+float64(w*(t9+float64(w*t11)))))))))
	v := float64(z * (t2 + float64(w*(t4+float64(w*(t6+float64(w*(t8+float64(w*(t10+float64(w*t12)))))))))))
	s := float64(z * x)
	r = y + float64(z*(float64(s*(r+v))+y))
	r += float64(t0 * s)
	w = x + r
	switch {
	case large:
		one := 1.0
		if inverse {
			one = -1
		}
		return sign * (one - 2*(x-(float64(w*w)/(w+one)-r)))
	case !inverse:
		return w
	}
	// −1/(x+r), with the quotient's own error put right.
	high := math.Float64frombits(math.Float64bits(w) &^ 0xffffffff)
	rest := r - (high - x)
	a := -1 / w
	t := math.Float64frombits(math.Float64bits(a) &^ 0xffffffff)
	return t + float64(a*((1+float64(t*high))+float64(t*rest)))
}
