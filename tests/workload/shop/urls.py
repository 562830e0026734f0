"""Where the views are."""

from django.urls import path

from shop import metrics, views

urlpatterns = [
    path("", views.index, name="index"),
    path("orders", views.orders, name="orders"),
    path("catalogue", views.catalogue, name="catalogue"),
    path("report", views.report, name="report"),
    path("metrics", metrics.page, name="metrics"),
]
