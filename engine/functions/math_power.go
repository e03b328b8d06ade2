package functions

import "math"

// Logarithm, power, hypotenuse and arc tangent to the last digit as Java's StrictMath has them. Products are rounded
// before they are added, on every machine.

const (
	ln2High, ln2Low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	two54           = 1 << 54
)

func high(v float64) int32 { return int32(math.Float64bits(v) >> 32) }

// withHigh replaces the upper word.
func withHigh(v float64, h int32) float64 {
	return math.Float64frombits(uint64(uint32(h))<<32 | math.Float64bits(v)&math.MaxUint32)
}

// upper is a number without its lower word.
func upper(v float64) float64 { return math.Float64frombits(math.Float64bits(v) &^ math.MaxUint32) }

func logarithm(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Log(x)
	}
	k := int32(0)
	if x < 0x1p-1022 {
		k, x = -54, x*two54
	}
	h := high(x)
	k += h>>20 - 1023
	h &= 0xfffff
	i := (h + 0x95f64) & 0x100000
	f := withHigh(x, h|(i^0x3ff00000)) - 1
	k += i >> 20
	d := float64(k)
	if (2+h)&0xfffff < 3 { // f is next to nothing
		r := float64(f*f) * (0.5 - float64(0.33333333333333333*f))
		if k == 0 {
			return f - r
		}
		return float64(d*ln2High) - ((r - float64(d*ln2Low)) - f)
	}
	s := f / (2 + f)
	z := float64(s * s)
	w := float64(z * z)
	t1 := w * (3.999999999940941908e-01 + float64(w*(2.222219843214978396e-01+float64(w*1.531383769920937332e-01))))
	t2 := z * (6.666666666666735130e-01 + float64(w*(2.857142874366239149e-01+float64(w*(1.818357216161805012e-01+float64(w*1.479819860511658591e-01))))))
	r := float64(t2) + float64(t1)
	if (h-0x6147a)|(0x6b851-h) > 0 {
		half := float64(0.5*f) * f
		if k == 0 {
			return f - (float64(half) - float64(s*(half+r)))
		}
		return float64(d*ln2High) - ((half - (float64(s*(half+r)) + float64(d*ln2Low))) - f)
	}
	if k == 0 {
		return f - float64(s*(f-r))
	}
	return float64(d*ln2High) - ((float64(s*(f-r)) - float64(d*ln2Low)) - f)
}

func hypotenuse(x, y float64) float64 {
	a, b := math.Abs(x), math.Abs(y)
	if a != a || b != b || math.IsInf(a, 1) || math.IsInf(b, 1) {
		return math.Hypot(x, y)
	}
	if a < b {
		a, b = b, a
	}
	if high(a)-high(b) > 0x3c00000 || b == 0 {
		return a + b
	}
	k := 0
	switch {
	case high(a) > 0x5f300000:
		a, b, k = a*0x1p-600, b*0x1p-600, 600
	case high(b) <= 0x000fffff:
		a, b, k = a*0x1p1022, b*0x1p1022, -1022
	case high(b) < 0x20b00000:
		a, b, k = a*0x1p600, b*0x1p600, -600
	}
	w := a - b
	if w > b {
		t1 := upper(a)
		t2 := a - t1
		w = math.Sqrt(float64(t1*t1) - (float64(b*-b) - float64(t2*(a+t1))))
	} else {
		a += a
		y1 := upper(b)
		y2 := b - y1
		t1 := upper(math.Float64frombits(math.Float64bits(a)))
		t2 := a - t1
		w = math.Sqrt(float64(t1*y1) - (float64(w*-w) - (float64(t1*y2) + float64(t2*b))))
	}
	return math.Ldexp(w, k)
}

var (
	arcHigh = [4]float64{4.63647609000806093515e-01, 7.85398163397448278999e-01, 9.82793723247329054082e-01, 1.57079632679489655800e+00}
	arcLow  = [4]float64{2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, 6.12323399573676603587e-17}
)

func arcTangent(v float64) float64 {
	x, part := math.Abs(v), -1
	switch {
	case x != x || x < 0x1p-29:
		return v
	case x >= 0x1p66:
		return math.Copysign(arcHigh[3]+arcLow[3], v)
	case x < 0.4375:
		x = v
	case x < 0.6875:
		part, x = 0, (2*x-1)/(2+x)
	case x < 1.1875:
		part, x = 1, (x-1)/(x+1)
	case x < 2.4375:
		part, x = 2, (x-1.5)/(1+float64(1.5*x))
	default:
		part, x = 3, -1/x
	}
	z := float64(x * x)
	w := float64(z * z)
	s1 := z * (3.33333333333329318027e-01 + float64(w*(1.42857142725034663711e-01+float64(w*(9.09088713343650656196e-02+
		float64(w*(6.66107313738753120669e-02+float64(w*(4.97687799461593236017e-02+float64(w*1.62858201153657823623e-02))))))))))
	s2 := w * (-1.99999999998764832476e-01 + float64(w*(-1.11111104054623557880e-01+float64(w*(-7.69187620504482999495e-02+
		float64(w*(-5.83357013379057348645e-02+float64(w*-3.65315727442169155270e-02))))))))
	if part < 0 {
		return x - float64(x*(float64(s1)+float64(s2)))
	}
	return math.Copysign(arcHigh[part]-((float64(x*(float64(s1)+float64(s2)))-arcLow[part])-x), v)
}

func arcTangent2(y, x float64) float64 {
	const low = 1.2246467991473531772e-16
	switch {
	case x != x || y != y || x == 0 || y == 0 || math.IsInf(x, 0) || math.IsInf(y, 0):
		return math.Atan2(y, x)
	case x == 1:
		return arcTangent(y)
	}
	z := 0.0
	switch k := (high(y)&0x7fffffff - high(x)&0x7fffffff) >> 20; {
	case k > 60:
		z = halfPi + 0.5*low
	case !(x < 0 && k < -60):
		z = arcTangent(math.Abs(y / x))
	}
	switch {
	case x > 0:
		return math.Copysign(z, y)
	case y > 0:
		return math.Pi - (z - low)
	}
	return (z - low) - math.Pi
}

// raised is x^y: the logarithm to base 2 in two parts, times y in two parts, and 2 to the power of that.
func raised(x, y float64) float64 {
	a := math.Abs(x)
	if !(a > 0) || math.IsInf(a, 1) || y != y || math.IsInf(y, 0) || y == 0 || a == 1 || y == 1 || y == 2 || y == -1 || x < 0 && y != math.Trunc(y) {
		switch {
		case y == 2:
			return x * x
		case a == 1 && math.IsInf(y, 0):
			return math.NaN() // Go has 1
		case x == 1 && y != y:
			return math.NaN() // Go has 1
		case y == -1:
			return 1 / x
		}
		return math.Pow(x, y)
	}
	sign := 1.0
	if x < 0 && math.Abs(math.Mod(y, 2)) == 1 {
		sign = -1
	}
	if y == 0.5 && x >= 0 {
		return math.Sqrt(x)
	}
	t1, t2, done, out := powerLog(a, y)
	if done {
		return sign * out
	}
	y1 := upper(y)
	low := float64((y-y1)*t1) + float64(y*t2)
	return sign * powerOfTwo(float64(y1*t1), low)
}

// powerLog is log2 of a in two parts; done says that the power is out, without more ado.
func powerLog(a, y float64) (t1, t2 float64, done bool, out float64) {
	h := high(a)
	if high(y)&0x7fffffff > 0x41e00000 {
		return powerHuge(a, y)
	}
	n := int32(0)
	if h < 0x00100000 {
		a, n = a*0x1p53, -53
		h = high(a)
	}
	n += h>>20 - 0x3ff
	j := h & 0x000fffff
	h = j | 0x3ff00000
	k := 0
	switch {
	case j <= 0x3988e:
	case j < 0xbb67a:
		k = 1
	default:
		n++
		h -= 0x00100000
	}
	a = withHigh(a, h)
	base := [2]float64{1, 1.5}[k]
	u := a - base
	v := 1 / (a + base)
	ss := float64(u * v)
	sh := upper(ss)
	th := withHigh(0, (h>>1|0x20000000)+0x00080000+int32(k)<<18)
	tl := a - (th - base)
	sl := v * ((u - float64(sh*th)) - float64(sh*tl))
	s2 := float64(ss * ss)
	r := float64(s2*s2) * (5.99999999999994648725e-01 + float64(s2*(4.28571428578550184252e-01+float64(s2*(3.33333329818377432918e-01+
		float64(s2*(2.72728123808534006489e-01+float64(s2*(2.30660745775561754067e-01+float64(s2*2.06975017800338417784e-01))))))))))
	r = float64(r) + float64(sl*(sh+ss))
	s2 = float64(sh * sh)
	th = upper(3 + s2 + r)
	tl = r - ((th - 3) - s2)
	u = float64(sh * th)
	v = float64(sl*th) + float64(tl*ss)
	ph := upper(u + v)
	pl := v - (ph - u)
	zh := 9.61796700954437255859e-01 * ph
	zl := float64(-7.02846165095275826516e-09*ph) + float64(pl*9.61796693925975554329e-01) + [2]float64{0, 1.35003920212974897128e-08}[k]
	d, dh := float64(n), [2]float64{0, 5.84962487220764160156e-01}[k]
	t1 = upper(((float64(zh) + zl) + dh) + d)
	return t1, zl - (((t1 - d) - dh) - float64(zh)), false, 0
}

// powerHuge is powerLog for |y| > 2^31, where only bases next to 1 give anything but 0 and infinity.
func powerHuge(a, y float64) (t1, t2 float64, done bool, out float64) {
	h := high(a)
	if high(y)&0x7fffffff > 0x43f00000 || h < 0x3fefffff || h > 0x3ff00000 {
		if (h <= 0x3fefffff) == (y < 0) {
			return 0, 0, true, math.Inf(1)
		}
		return 0, 0, true, 0
	}
	t := a - 1
	w := float64(t*t) * (0.5 - float64(t*(0.3333333333333333333333-float64(t*0.25))))
	u, v := 1.44269502162933349609*t, float64(t*1.92596299112661746887e-08)-float64(w*1.44269504088896338700)
	t1 = upper(float64(u) + v)
	return t1, v - (t1 - float64(u)), false, 0
}

// powerOfTwo is 2^(ph+pl).
func powerOfTwo(ph, pl float64) float64 {
	z := pl + ph
	j, i := high(z), int32(uint32(math.Float64bits(z)))
	if j >= 0x40900000 { // z >= 1024
		if j-0x40900000|i != 0 || pl+8.0085662595372944372e-17 > z-ph {
			return math.Inf(1)
		}
	} else if j&0x7fffffff >= 0x4090cc00 { // z <= -1075
		if int32(uint32(j)-0xc090cc00)|i != 0 || pl <= z-ph {
			return 0
		}
	}
	n := int32(0)
	if e := j & 0x7fffffff; e > 0x3fe00000 { // |z| > 0.5: n is z rounded
		k := e>>20 - 0x3ff
		n = j + 0x00100000>>(k+1)
		k = n&0x7fffffff>>20 - 0x3ff
		t := withHigh(0, n&^(0x000fffff>>k))
		n = (n&0x000fffff | 0x00100000) >> (20 - k)
		if j < 0 {
			n = -n
		}
		ph -= t
	}
	t := upper(pl + ph)
	u := t * 6.93147182464599609375e-01
	v := float64((pl-(t-ph))*6.93147180559945286227e-01) + float64(t*-1.90465429995776804525e-09)
	z = float64(u) + v
	w := v - (z - float64(u))
	t = float64(z * z)
	t1 := z - float64(t*(1.66666666666666019037e-01+float64(t*(-2.77777777770155933842e-03+float64(t*(6.61375632143793436117e-05+
		float64(t*(-1.65339022054652515390e-06+float64(t*4.13813679705723846039e-08)))))))))
	r := float64(z*t1)/(t1-2) - (w + float64(z*w))
	z = 1 - (r - z)
	if high(z)+n<<20 <= 0 { // as Java: below the least exponent by one rounding
		return math.Ldexp(z, int(n))
	}
	return withHigh(z, high(z)+n<<20)
}

// logarithm10 is the logarithm to base 10: the exponent and the rest apart.
func logarithm10(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Log10(x)
	}
	k := int32(0)
	if x < 0x1p-1022 {
		k, x = -54, x*two54
	}
	h := high(x)
	k += h>>20 - 1023
	i := int32(0)
	if k < 0 {
		i = 1
	}
	x = withHigh(x, h&0xfffff|(0x3ff-i)<<20)
	y := float64(k + i)
	z := float64(y*3.69423907715893078616e-13) + float64(4.34294481903251816668e-01*logarithm(x))
	return z + float64(y*3.01029995663611771306e-01)
}

func cubeRoot(v float64) float64 {
	x := math.Abs(v)
	if x == 0 || x != x || math.IsInf(x, 1) {
		return v
	}
	var t float64
	if x < 0x1p-1022 {
		t = x * two54
		t = withHigh(t, high(t)/3+696219795)
	} else {
		t = withHigh(0, high(x)/3+715094163)
	}
	r := float64(t*t) / x
	s := 5.42857142857142815906e-01 + float64(r*t)
	t *= 3.57142857142857150787e-01 + 1.60714285714285720630e+00/(s+1.41428571428571436819e+00+-7.05306122448979611050e-01/s)
	t = withHigh(0, high(t)+1)
	s = float64(t * t)
	r = x / s
	r = (r - t) / (t + t + r)
	return math.Copysign(t+float64(t*r), v)
}

// arcRatio is the rational part of arc sine and arc cosine.
func arcRatio(t float64) float64 {
	p := t * (1.66666666666666657415e-01 + float64(t*(-3.25565818622400915405e-01+float64(t*(2.01212532134862925881e-01+
		float64(t*(-4.00555345006794114027e-02+float64(t*(7.91534994289814532176e-04+float64(t*3.47933107596021167570e-05))))))))))
	q := 1 + float64(t*(-2.40339491173441421878e+00+float64(t*(2.02094576023350569471e+00+float64(t*(-6.88283971605453293030e-01+
		float64(t*7.70381505559019352791e-02)))))))
	return float64(p) / q
}

const halfPiLow = 6.12323399573676603587e-17

var halfPi = math.Float64frombits(0x3ff921fb54442d18)

func arcSine(v float64) float64 {
	x := math.Abs(v)
	switch {
	case !(x < 1):
		if x == 1 {
			return float64(v*halfPi) + float64(v*halfPiLow)
		}
		return math.NaN()
	case x < 0x1p-27:
		return v
	case x < 0.5:
		return v + float64(v*arcRatio(float64(v*v)))
	}
	t := (1 - x) * 0.5
	r, s := arcRatio(t), math.Sqrt(t)
	if high(x) >= 0x3fef3333 {
		return math.Copysign(halfPi-(2*(s+float64(s*r))-halfPiLow), v)
	}
	w := upper(s)
	c := (t - float64(w*w)) / (s + w)
	p := float64(2*s*r) - (halfPiLow - 2*c)
	q := halfPi/2 - 2*w
	return math.Copysign(halfPi/2-(p-q), v)
}

func arcCosine(v float64) float64 {
	x := math.Abs(v)
	switch {
	case !(x < 1):
		if v == 1 {
			return 0
		}
		if v == -1 {
			return 2*halfPi + 2*halfPiLow
		}
		return math.NaN()
	case x <= 0x1p-57:
		return halfPi + halfPiLow
	case x < 0.5:
		return halfPi - (v - (halfPiLow - float64(v*arcRatio(float64(v*v)))))
	case v < 0:
		z := (1 + v) * 0.5
		s := math.Sqrt(z)
		w := float64(arcRatio(z)*s) - halfPiLow
		return 2*halfPi - 2*(s+w)
	}
	z := (1 - v) * 0.5
	s := math.Sqrt(z)
	d := upper(s)
	c := (z - float64(d*d)) / (s + d)
	return 2 * (d + (float64(arcRatio(z)*s) + c))
}

func inverseSine(v float64) float64 {
	x := math.Abs(v)
	switch {
	case !(x >= 1.0/(1<<28)) || math.IsInf(x, 1):
		return v
	case x > 1<<28:
		return math.Copysign(logarithm(x)+math.Ln2, v)
	case x > 2:
		return math.Copysign(logarithm(2*x+1/(math.Sqrt(float64(x*x)+1)+x)), v)
	}
	t := float64(x * x)
	return math.Copysign(math.Log1p(x+t/(1+math.Sqrt(1+t))), v)
}

func inverseCosine(v float64) float64 {
	switch {
	case !(v >= 1):
		return math.NaN()
	case v > 1<<28:
		return logarithm(v) + math.Ln2
	case v > 2:
		return logarithm(2*v - 1/(v+math.Sqrt(float64(v*v)-1)))
	}
	t := v - 1
	return math.Log1p(t + math.Sqrt(2*t+float64(t*t)))
}

func inverseTangent(v float64) float64 { return 0.5 * (math.Log1p(v) - math.Log1p(-v)) }
