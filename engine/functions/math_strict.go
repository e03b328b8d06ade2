package functions

import "math"

// The functions whose last digit Java's StrictMath gives in another way than Go's math.

// exponential is e^v to the last digit as Java's StrictMath has it.
func exponential(v float64) float64 {
	const (
		high, low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
		p1, p2    = 1.66666666666666019037e-01, -2.77777777770155933842e-03
		p3, p4    = 6.61375632143793436117e-05, -1.65339022054652515390e-06
		p5        = 4.13813679705723846039e-08
	)
	a := math.Abs(v)
	if v != v || a > 709 || a < 1.0/(1<<28) {
		return math.Exp(v)
	}
	var hi, lo float64
	k, r := 0, v
	if a > 0.5*math.Ln2 {
		if a < 1.5*math.Ln2 {
			k = 1
			if v < 0 {
				k = -1
			}
		} else {
			k = int(1/math.Ln2*v + math.Copysign(0.5, v))
		}
		hi, lo = v-float64(float64(k)*high), float64(k)*low
		r = hi - lo
	}
	t := float64(r * r)
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	if k == 0 {
		return 1 - (float64(r*c)/(c-2) - r)
	}
	return math.Ldexp(1-((lo-float64(r*c)/(2-c))-hi), k)
}

func hyperbolicSine(v float64) float64 {
	a := math.Abs(v)
	switch {
	case a < 1.0/(1<<28):
		return v
	case !(a < 22):
		return math.Copysign(halfExponential(a), v)
	}
	half, t := math.Copysign(0.5, v), math.Expm1(a)
	if a < 1 {
		return half * (2*t - float64(t*t)/(t+1))
	}
	return half * (t + t/(t+1))
}

func hyperbolicCosine(v float64) float64 {
	a := math.Abs(v)
	switch {
	case a < 0.5*math.Ln2:
		t := math.Expm1(a)
		return 1 + float64(t*t)/((1+t)+(1+t))
	case a < 22:
		t := exponential(a)
		return 0.5*t + 0.5/t
	}
	return halfExponential(a)
}

// halfExponential is half of e^a, beyond the greatest number too.
func halfExponential(a float64) float64 {
	if a < 709.78 {
		return 0.5 * exponential(a)
	}
	if a > 710.4758600739439 {
		return math.Inf(1)
	}
	w := exponential(0.5 * a)
	return 0.5 * w * w
}

func hyperbolicTangent(v float64) float64 {
	a := math.Abs(v)
	switch {
	case !(a < 22) || a < 1.0/(1<<55):
		return math.Tanh(v)
	case a >= 1:
		return math.Copysign(1-2/(math.Expm1(2*a)+2), v)
	}
	t := math.Expm1(-2 * a)
	return math.Copysign(-t/(t+2), v)
}
