package glossary_test

import (
	"testing"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

// A found is one row about one rule: whether a term stands in a text.
type found struct {
	rule, term, text string
	want             bool
}

// check holds rows against a language's rules, as a source and as a target.
func check(t *testing.T, lang translator.Lang, rows []found) {
	t.Helper()
	for _, r := range rows {
		as := glossary.New(&translator.Glossary{Direction: translator.Direction{From: lang, To: "de"}, Terms: []translator.Term{{Source: r.term, Target: "x"}}})
		if got := len(as.In(r.text)) == 1; got != r.want {
			t.Errorf("%s: %q stands in %q: %v, want %v", r.rule, r.term, r.text, got, r.want)
		}
		as = glossary.New(&translator.Glossary{Direction: translator.Direction{From: "de", To: lang}, Terms: []translator.Term{{Source: "x", Target: r.term}}})
		if got := len(as.Missing("x", r.text)) == 0; got != r.want {
			t.Errorf("%s: target %q stands in %q: %v, want %v", r.rule, r.term, r.text, got, r.want)
		}
	}
}

func TestArabicRules(t *testing.T) {
	t.Parallel()
	check(t, translator.Arabic, []found{
		{"as it is", "القاهرة", "عاد إلى القاهرة أمس.", true},
		{"whole words", "نيل", "نال نيلوفر الجائزة", false},
		{"vowel marks", "مدرسة", "افتتحت مَدْرَسَةٌ جديدة", true},
		{"vowel marks of the term", "مُدَرِّسَة", "وصلت مدرسة جديدة", true},
		{"tatweel", "القاهرة", "عاد إلى القـــاهرة", true},
		{"tatweel as a dash", "القاهرة", "ـ القاهرة ـ", true},
		{"presentation forms", "لا نهاية", "\uFEFB نهاية", true},
		{"bidi marks", "القاهرة", "\u200Fالقا\u200Fهرة", true},
		{"hamza on alef", "الأطلس", "جبال الاطلس", true},
		{"hamza below alef", "إدريس", "قال ادريس", true},
		{"hamza on waw", "مؤتمر", "عقد موتمر", true},
		{"hamza alone is a letter", "سماء", "سما", false},
		{"teh marbuta and heh", "القاهرة", "في القاهره", true},
		{"alef maqsura and yeh", "ليلى منصور", "قالت ليلي منصور", true},
		{"digits", "رمال 1", "القمر رمال ١", true},

		{"و", "القاهرة", "دمشق والقاهرة", true},
		{"ف", "القاهرة", "فالقاهرة", true},
		{"ب", "صفاقس", "بصفاقس", true},
		{"ك", "صفاقس", "كصفاقس", true},
		{"ل", "صفاقس", "لصفاقس", true},
		{"و and ب", "صفاقس", "وبصفاقس", true},
		{"ف and ل", "صفاقس", "فلصفاقس", true},
		{"س is of verbs", "صفاقس", "سصفاقس", false},
		{"ب before و", "صفاقس", "بوصفاقس", false},
		{"its own first letter is no prefix", "وجدة", "عن جدة", false},
		{"its own first letter after و", "وجدة", "الدار البيضاء ووجدة", true},
		{"three letters for a prefix", "صف", "وصف المشهد", false},
		{"two letters and the article", "سد", "وبالسد", true},
		{"two letters and the article of the term", "السد", "والسد", true},
		{"one letter and the article", "د", "والد", false},
		{"two letters in a longer term", "أم زيد", "قال لأم زيد", true},
		{"two letters by themselves", "صف", "في صف واحد", true},
		{"a prefix before a quotation", "العودة", "وصفته ب\"العودة\"", true},

		{"the article", "مهرجان", "افتتح المهرجان", true},
		{"وال", "مهرجان", "والمهرجان", true},
		{"بال", "مهرجان", "بالمهرجان", true},
		{"كال", "مهرجان", "كالمهرجان", true},
		{"لل", "مهرجان", "للمهرجان", true},
		{"ولل", "مهرجان", "وللمهرجان", true},
		{"لل for a term with the article", "القاهرة", "للقاهرة", true},
		{"بال for a term with the article", "القاهرة", "بالقاهرة", true},
		{"لل before a lam", "اللجنة", "للجنة", true},
		{"لل before a lam, no article", "لجنة", "للجنة", true},
		{"the article of the term is asked for", "المغرب", "وقت مغرب", false},
		{"on each word", "خبز طابون", "الخبز الطابون", true},
		{"on the second word", "خبز طابون", "بخبز الطابون", true},
		{"prefixes on the second word", "خبز طابون", "خبز وطابون", false},
		{"أل is no article", "مانيا", "ألمانيا", false},
		{"a name that begins like it", "ألمانيا", "وألمانيا", true},
		{"the same without hamza", "ألمانيا", "لالمانيا", true},
		{"the hamza left out of the term", "البانيا", "لألبانيا", true},

		{"accusative", "مهرجان", "أقاموا مهرجانا كبيرا", true},
		{"accusative with its mark", "مهرجان", "أقاموا مهرجاناً", true},
		{"accusative of each word", "قمر اصطناعي", "أطلقوا قمرا اصطناعيا", true},
		{"accusative of a short word", "قطر", "بلغ قطرا", false},
		{"no accusative of teh marbuta", "سنة كبيسة", "سنها كبيسة", false},
		{"accusative and article", "مهرجان", "المهرجانا", false},
		{"pronoun", "حكومة", "رئيس حكومته", true},
		{"pronouns", "وزارة", "بوزارتهما", true},
		{"pronoun and a short word", "حملة", "حملته أمه", false},
		{"pronoun and a masculine", "كتاب", "كتابهم", false},
		{"pronoun inside a term", "وزارة الثقافة", "وزارتها الثقافة", false},
		{"pronoun and article", "وزارة", "الوزارتها", false},

		{"علي and على", "علي", "جلس على المقعد", false},
		{"علي and وعلى", "علي", "وعلى المقعد", false},
		{"علي by itself", "علي", "قال علي", true},
		{"علي after و", "علي", "سالم وعلي", true},
		{"علي and عليه", "علي", "عليه", false},
		{"آن and الآن", "آن", "أن يصل الآن إن", false},
		{"آن by itself", "آن", "قالت آن ماري", true},
		{"a particle of the term after و", "من أجل السلام", "ومن أجل السلام", true},
		{"another particle", "إن شاء الله", "أن شاء الله", false},
		{"ولي is a noun", "ولي العهد", "قال ولي العهد", true},
		{"and after a prefix", "ولي العهد", "استقبل لولي العهد", true},

		{"عبد written together", "عبد الأمير", "قال عبدالأمير الحلفي", true},
		{"عبد written apart", "عبدالأمير", "قال عبد الأمير", true},
		{"أبو written together", "أبو ظبي", "في أبوظبي", true},
		{"أبو written apart", "أبوظبي", "بأبو ظبي", true},

		{"abbreviation with stops", "أ ف ب", "القاهرة (أ.ف.ب)", true},
		{"abbreviation with stops and spaces", "أ.ف.ب", "القاهرة (ا. ف. ب.)", true},
		{"a stop after a word", "نجوم الساحل", "رأوا نجوم. الساحل بعيد", false},
		{"a comma", "نجوم الساحل", "نجوم، الساحل", false},
		{"a dash", "نجوم الساحل", "نجوم - الساحل", false},
		{"a hyphen", "نجوم الساحل", "نجوم-الساحل", true},
		{"a no-break space", "نجوم الساحل", "نجوم\u00A0الساحل", true},
		{"a sign of the term", "تشرين الثاني/نوفمبر", "في تشرين الثاني / نوفمبر 2019", true},
		{"a sign of the term missing", "تشرين الثاني/نوفمبر", "تشرين الثاني نوفمبر", false},
		{"Latin words", "NATO", "قال ل NATO", true},
		{"Latin words have case", "NATO", "قال ل nato", false},
	})
}

func TestEnglishRules(t *testing.T) {
	t.Parallel()
	check(t, translator.English, []found{
		{"lower case at a start", "electric ferry", "Electric ferry sails", true},
		{"lower case in a title", "electric ferry", "First Electric Ferry Sails", true},
		{"lower case in capitals", "electric ferry", "ELECTRIC FERRY SAILS", true},
		{"capitals as written", "Oases Cup", "in the Oases Cup final", true},
		{"capitals and lower case", "Oases Cup", "an oases cup", false},
		{"capitals throughout", "Cairo", "CAIRO (AFP)", true},
		{"capitals throughout, short", "Who", "the WHO said", false},
		{"capitals throughout, short in a longer term", "Abu Dhabi", "ABU DHABI (AFP)", true},
		{"an acronym", "US", "tell us more", false},
		{"an acronym and a name", "AFP", "Afp", false},
		{"first letter raised", "al-Rafei", "Al-Rafei said", true},
		{"first letter raised before capitals", "iPhone", "IPhone sales", true},
		{"capitals within", "iPhone", "iphone", false},
		{"a month and a verb", "May", "it may rain", false},

		{"whole words", "art", "a start of arts", true},
		{"not a part of one", "art", "a start", false},
		{"plural", "electric ferry", "electric ferries", true},
		{"plural in s", "flamingo", "Flamingos return", true},
		{"plural in es", "mango", "mangoes", true},
		{"plural after x", "box", "two boxes", true},
		{"plural after ch", "church", "churches", true},
		{"plural after a vowel and y", "holiday", "holidays", true},
		{"plural of an acronym", "MP", "MPs voted", true},
		{"plural in capitals", "Museum", "MUSEUMS OPEN", true},
		{"plural of a letter", "b", "bs", false},
		{"plural of the first word", "head teacher", "heads teacher", false},
		{"singular of a plural", "drones", "a drone", false},
		{"no plural after s", "US", "USES OF", false},
		{"no es after other letters", "pan", "panes", false},
		{"possessive", "Nehme", "Nehme's well", true},
		{"possessive, curly", "Nehme", "Nehme’s well", true},
		{"possessive in capitals", "Nehme", "NEHME'S WELL", true},
		{"possessive of a plural", "reader", "readers' donations", true},
		{"possessive inside", "Nile House", "Nile's House", false},
		{"a contraction", "don", "don't", false},
		{"a name with an apostrophe", "O'Neill", "Mrs O’Neill's shop", true},
		{"a name's second part", "Neill", "O'Neill", false},

		{"hyphen for space", "go between", "a go-between", true},
		{"space for hyphen", "go-between", "a go between", true},
		{"no-break hyphen", "go-between", "a go‑between", true},
		{"written together", "go between", "a gobetween", false},
		{"stops of an abbreviation", "U.S.", "the U.S. said", true},
		{"a title's stop", "Dr Nadine Akl", "Dr. Nadine Akl", true},
		{"end of a sentence", "Red Sea", "It is Red. Sea water", false},
		{"a sign of the term", "S&P 500", "the S & P 500 fell", true},
		{"a sign of the term missing", "S&P 500", "S P 500", false},
		{"quotes outside", "Rimal 1", "named \"Rimal 1\",", true},
		{"figures", "1,000 Nights", "1,000 Nights", true},
		{"other figures", "1,000 Nights", "1,001 Nights", false},
	})
}

func TestRulesOfOtherLanguages(t *testing.T) {
	t.Parallel()
	check(t, "fr", []found{
		{"as it is", "pont", "le pont rouvre", true},
		{"no plural", "pont", "les ponts", false},
		{"elision", "Égypte", "l’Égypte", true},
		{"case", "Égypte", "l'égypte", false},
		{"capitals", "Égypte", "L'ÉGYPTE", true},
		{"accents are letters", "Égypte", "Egypte", false},
		{"decomposed", "Égypte", "l'E\u0301gypte", true},
	})
	check(t, "fa", []found{
		{"no Arabic prefixes", "تهران", "وتهران", false},
		{"digits", "سال 1403", "سال ۱۴۰۳", true},
		{"joiners are letters", "می\u200Cرود", "او می\u200Cرود", true},
	})
	check(t, "zh", []found{{"no spaces between words", "开罗", "他回到开罗工作", true}, {"all characters", "开罗", "他回到开封", false}})
	check(t, "th", []found{{"no spaces between words", "ไคโร", "กลับมาที่ไคโรแล้ว", true}})
}
