# The frame of every page, and pages that stand in for others.

layout-skip = Skip to content
# $count is the number of pieces in the cart.
layout-cart = Cart (items: { $count })
layout-account = Account
layout-sign-in = Sign in
layout-navigation = Main
layout-products = Products
# $shop is the name of the shop.
layout-footer = { $shop } · every sign-in and every payment is confirmed on your own phone.
# Before the e-mail address of the shop, or the address of its page about that.
layout-contact = Contact:

## Not found, refused, broken

not-found-title = Page not found
not-found-about = There is nothing at this address. It may have moved, or it was never here.
all-products = See all products
broken-title = Something went wrong
refused-title = That did not work
back-to-shop = Back to the shop
show-more = Show more
breadcrumb = Breadcrumb
continue-shopping = Continue shopping
