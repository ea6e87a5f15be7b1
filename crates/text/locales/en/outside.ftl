# What is answered instead of a page: one sentence of plain text.

outside-foreign = This request did not come from one of our pages.
outside-unknown-host = This server does not know that host.
outside-not-a-form = That is not one of our forms.
outside-too-slow = That took too long to arrive.
outside-too-large = That is more than is ever needed here.
outside-busy = The shop is very busy just now, and nothing was done. Please go back and try again in a few seconds.
outside-unavailable = The shop cannot answer just now.
outside-page-failed = The page could not be made.
outside-no-file = There is no such file.
outside-not-answered = The shop does not answer requests of this kind.
