"use strict";
/* Shows the rows that hold all the words; "#wanted=P-M4" in the address says them from the start. */
const wanted = document.getElementById("wanted");

function show() {
	const words = wanted.value.toLowerCase().split(/\s+/);
	for (const row of document.querySelectorAll("tbody tr"))
		row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
}

/* For ci/test_report.py: whether the page is broader than its window. */
function measure() {
	const root = document.documentElement;

	root.dataset.broad = root.scrollWidth > root.clientWidth;
}

wanted.addEventListener("input", show);
if (location.hash.startsWith("#wanted="))
	wanted.value = decodeURIComponent(location.hash.slice("#wanted=".length));
show();
measure();
