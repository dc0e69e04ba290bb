package glossary

import "strings"

// arabicFunctionWords are particles, pronouns and the like, as they are
// written. A name may differ from one of them by a letter that arabicLetter
// makes one (علي and على, آن and أن) or by a prefix (الآن), so they are only
// ever themselves.
var arabicFunctionWords = set(`
من في على إلى الى عن مع منذ حتى بين عند لدى خلال بعد قبل تحت فوق أمام وراء خلف ضد نحو حول دون سوى غير
أن إن ان لأن بأن كأن لكن ليت لعل أو أم ثم بل لا لن لم ما لما كما إذا إذ لو لولا هل قد سوف أي إلا الا كي لكي فقط أيضا
هو هي هم هما هن أنا أنت نحن هذا هذه ذلك تلك هؤلاء أولئك هنا هناك الذي التي الذين اللذان اللتان اللواتي
كان كانت كانوا يكون تكون ليس ليست الآن حين حيث كل بعض كلا كلتا
له لها لهم لنا لي لك به بها بهم فيه فيها فيهم منه منها منهم عنه عنها عنهم عليه عليها عليهم إليه إليها إليهم معه معها معهم
بما مما فيما عما لماذا كيف متى أين بينما عندما بعدما قبلما كذلك لذلك وفق`)

// englishCommonWords are words that services pass over in a glossary.
var englishCommonWords = set(`
a an the and or but nor so yet if then than as at by for from in into of off on onto out over to up with without about after before between
during through under until against among he she it they we you i him her them us me his its their our your my this that these those who whom
whose which what when where why how is are was were be been being am do does did has have had will would shall should can could may might must
not no yes all any both each few more most other some such only own same too very just also there here now`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// isFunctionWord tells whether a written word is a function word, or is one
// behind و or ف that is not the one asked for.
func isFunctionWord(written []byte, asked string) bool {
	if arabicFunctionWords[string(written)] {
		return true
	}
	if starts(written, "و") || starts(written, "ف") {
		rest := written[2:]
		return arabicFunctionWords[string(rest)] && string(rest) != asked
	}
	return false
}
