package segment

// arabic is what the rules know of Arabic words, written as Rules.class folds
// them: bare alef, no vowel signs, no tatweel.
var arabic = []group{
	{letterName, "Latin letters spelled out, as initials of foreign names (دبليو. بوش)",
		"اي ايه سي دي اف في جي جيه اتش كي كيه ال ان او كيو ار اس تي يو دبليو دابليو اكس واي زد"},
	{letterName, "titles of one letter, joined to the conjunction",
		"ود وم وا"},
	{spelling, "Latin letters spelled out that are also words which sentences end in: acronyms have them, initials not",
		"بي ام"},
	{title, "clipped titles of more than one letter come before a name",
		"اد دك بروف مهن"},
	{banged, "names that end in an exclamation mark",
		"ياهو"},
	{labelled, "a single letter after these is a label and no title",
		"فيتامين فيتامينات حرف الحرف الفئة المجموعة مجموعة النوع الخطة الخيار القسم الفقرة البند الدرجة المرحلة نقطة"},
	{opener, "verbs of reporting, joined to the conjunction with which a report's next sentence begins",
		"وقال وقالت وقالوا واضاف واضافت واضافوا واوضح واوضحت واكد واكدت واشار واشارت وذكر وذكرت واعلن واعلنت ونقل ونقلت وتابع وتابعت ويقول وتقول ويضيف وتضيف ويرى وترى ويؤكد ويشير ويوضح وبحسب ووفق ووفقا"},
	{opener, "auxiliaries and particles that open sentences",
		"وكان وكانت وقد ولم ولن وليس وهو وهي وهذا وهذه ولكن لكن كما وكما اما واما وفي وعلى ومن وبعد ولا وانه"},
	{saying, "verbs after a question or a cry in quotation marks, before the speaker",
		"قال قالت يقول تقول قالوا سال سالت يسال تسال تساءل تساءلت يتساءل تتساءل صاح صاحت صرخ صرخت هتف هتفت كتب كتبت يكتب تكتب رد ردت اجاب اجابت علق هكذا"},
	{linking, "these, and all that is joined to و or ف, go on with the sentence after a quotation within it",
		"ثم من على الى عن مع بعد قبل عند امام خلال حين بينما او بل لكن"},
	{domain, "after a point without a space these are part of a name on the Internet",
		"نت كوم اورغ اورج"},
}
